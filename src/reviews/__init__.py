"""The workload: the code inside each job of the reviews pipelines.

The jobs that use TensorFlow or its tokenizers get one source bundle, laid out like this:

    prepare_features.py, train.py, evaluate.py, requirements.txt    from `reviews/entry_points`
    wheels.txt, wheels/*.whl    the lock of the wheels, and the wheels that AWS's image lacks
    reviews/                    this package
"""
