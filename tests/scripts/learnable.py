"""Print the accuracies of TF-IDF and logistic regression on reviews; runs in the sklearn image."""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from reviews.readers import read_all, review_files

texts: dict[str, int] = {}
for batch in read_all(review_files(Path(sys.argv[1]))):
    for review in batch.reviews:
        texts.setdefault(review.review_body, review.star_rating)
words, stars = np.array(list(texts), dtype=object), np.array(list(texts.values()))
order = np.random.default_rng(0).permutation(len(words))
train, test = order[len(order) // 5 :], order[: len(order) // 5]
vectorizer = TfidfVectorizer(min_df=2, sublinear_tf=True)
model = LogisticRegression(C=3, max_iter=100, class_weight="balanced")
model.fit(vectorizer.fit_transform(words[train]), stars[train])
predicted = model.predict(vectorizer.transform(words[test]))
print(
    json.dumps(
        {
            "accuracy": accuracy_score(stars[test], predicted),
            "balanced_accuracy": balanced_accuracy_score(stars[test], predicted),
        }
    )
)
