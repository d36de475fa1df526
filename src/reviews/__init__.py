"""The workload: the code inside each job of the reviews pipelines.

A job that uses TensorFlow or its tokenizers gets a source bundle laid out like this:

    train.py, requirements.txt                          the entry script and what pip installs for it,
    prepare_features.py, requirements-features.txt      from `reviews/entry_points`; pip is told
    evaluate.py, requirements-evaluation.txt            PIP_NO_DEPS=1 by the job's environment
    wheels/*.whl, wheels.txt                            what the image lacks, and its hashed lock
    reviews/                                            this package
"""
