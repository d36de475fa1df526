"""The words of sample reviews: five tones, three categories and one that is new.

Tone 0 states facts and says nothing of the rating; tones 1 to 5 say more or less what a reviewer of so
many stars says. Slots: {a} an aspect of the product, {p} the product, {w} an adjective of the tone.
"""

TONES = {
    1: {
        "adjectives": [
            "terrible",
            "useless",
            "awful",
            "broken",
            "horrible",
            "worthless",
            "unacceptable",
        ],
        "short": [
            "Total waste of money.",
            "Do not buy.",
            "Terrible.",
            "Never again.",
            "It does not work.",
            "Absolutely useless.",
            "I want a refund.",
            "Awful experience.",
        ],
        "verdicts": [
            "I want my money back",
            "I would give zero stars if I could",
            "stay away from this one",
            "nobody ever answered my complaint",
            "it failed on the very first day",
            "this is the worst purchase I have made in years",
            "I feel cheated",
        ],
    },
    2: {
        "adjectives": [
            "poor",
            "disappointing",
            "clumsy",
            "unreliable",
            "weak",
            "frustrating",
            "confusing",
        ],
        "short": [
            "Quite disappointing.",
            "Not what I expected.",
            "Not worth it.",
            "Expected better.",
            "Poor value.",
            "Too many problems.",
            "Hardly works.",
        ],
        "verdicts": [
            "I would not buy it again",
            "I expected more for the price",
            "it caused more trouble than it was worth",
            "there are better ones for less",
            "I stopped using it after a week",
            "only one part of it does what they promise",
            "it rarely works the first time",
        ],
    },
    3: {
        "adjectives": [
            "average",
            "okay",
            "ordinary",
            "acceptable",
            "passable",
            "so-so",
            "middling",
        ],
        "short": [
            "It is okay.",
            "Just average.",
            "Nothing special.",
            "Does the job, barely.",
            "Not bad, not great.",
            "So-so.",
            "Fine, I guess.",
        ],
        "verdicts": [
            "it does what it says and nothing more",
            "I neither love it nor hate it",
            "some of it is good and some is not",
            "you get what you pay for",
            "I am still making up my mind",
            "it has its ups and downs",
            "it could be better and it could be worse",
        ],
    },
    4: {
        "adjectives": ["good", "solid", "nice", "decent", "useful", "pleasant", "reliable"],
        "short": [
            "Pretty good.",
            "Works well.",
            "Good value.",
            "Nice, with small flaws.",
            "Happy overall.",
            "I like it.",
            "Almost perfect.",
        ],
        "verdicts": [
            "I would buy it again",
            "a small flaw keeps it from being perfect",
            "it works as it should",
            "I am happy with it on the whole",
            "it is a good value for the price",
            "with a little polish it would be great",
            "I can recommend it to most people",
        ],
    },
    5: {
        "adjectives": [
            "excellent",
            "perfect",
            "wonderful",
            "fantastic",
            "amazing",
            "great",
            "flawless",
        ],
        "short": [
            "Love it!",
            "Perfect!",
            "Excellent!",
            "Great product.",
            "Highly recommended.",
            "Works perfectly.",
            "Could not be happier.",
            "Best one yet!",
        ],
        "verdicts": [
            "I could not be happier",
            "I recommend it to everybody I know",
            "it is worth every penny",
            "everything worked the first time",
            "I have already bought another one",
            "it is better than I had hoped",
            "we use it every day and love it",
        ],
    },
}

TEMPLATES = [
    "The {a} is {w}.",
    "I found the {a} {w}.",
    "{w} {a} if you ask me.",
    "This {p} is {w}, {v}.",
    "The {a} was {w} and {v}.",
    "After a few weeks with this {p} I can say that {v}.",
    "To be honest the {a} turned out {w}, so {v}.",
    "My family thinks the {a} is {w}, and in my own opinion {v}.",
    "Compared with the last {p} I had, the {a} is {w} and {v}.",
    "Somebody at work asked me about this {p} and I told them that {v}.",
]

FACTS = [
    "I bought it last {m}.",
    "It came in {m}.",
    "This was for my {r}.",
    "My {r} asked for one.",
    "I bought this {p} for my {r} in {m}.",
    "It took about {n} minutes to get the {a} going.",
    "My {r} and I have used a {p} like this for {n} years.",
    "There are {n} of us at home and my {r} picked the {p}.",
    "I ordered the {p} in {m} because my {r} had told me about the {a}.",
    "For those who wonder about the {a}, mine came with {n} pages on it and a short note for my {r}.",
]

RELATIVES = [
    "brother",
    "sister",
    "mother",
    "father",
    "nephew",
    "niece",
    "neighbor",
    "boss",
    "wife",
    "husband",
    "son",
    "daughter",
]
MONTHS = ["January", "March", "April", "May", "July", "August", "October", "December"]
NUMBERS = ["two", "three", "four", "five", "six", "eight", "ten", "twenty"]

CATEGORIES = {
    "Gift Card": {
        "products": ["gift card", "card", "voucher"],
        "aspects": [
            "design",
            "delivery",
            "balance",
            "envelope",
            "email",
            "redemption",
            "checkout",
            "message",
            "code",
            "packaging",
        ],
        "titles": ["Birthday", "Thank You", "Holiday", "Wedding", "Baby", "Graduation", "Classic"],
        "kinds": ["eGift Card", "Gift Card in a Box", "Print at Home Gift Card", "Reload"],
    },
    "Digital_Software": {
        "products": ["program", "software", "download", "app"],
        "aspects": [
            "installer",
            "interface",
            "update",
            "license key",
            "manual",
            "support",
            "speed",
            "menu",
            "export",
            "backup",
        ],
        "titles": ["Photo Studio", "Tax Helper", "Virus Guard", "Home Office", "Language Coach"],
        "kinds": ["2014 [Download]", "Home Edition [Download]", "Pro [PC/Mac Code]", "5 Users"],
    },
    "Digital_Video_Games": {
        "products": ["game", "title", "add-on", "expansion"],
        "aspects": [
            "story",
            "graphics",
            "control scheme",
            "multiplayer",
            "soundtrack",
            "level design",
            "save system",
            "tutorial",
        ],
        "titles": ["Star Harbor", "Kart Heroes", "Dungeon Road", "Farm Valley", "Night Pilot"],
        "kinds": ["[Online Game Code]", "Gold Edition [Download]", "Season Pass", "100 Coins"],
    },
    "Mobile_Apps": {  # what the drifted variant brings in
        "products": ["app", "widget", "mobile game"],
        "aspects": [
            "touch screen",
            "battery use",
            "notifications",
            "ads",
            "in-app store",
            "login",
            "sync",
            "home screen",
        ],
        "titles": ["Pocket Chef", "Sleep Tracker", "Bird Finder", "Road Radar"],
        "kinds": ["(Free)", "Plus", "for Tablets", "Kids"],
    },
}

EMOJI = {0: "📦🏠📅", 1: "😡🤬💩", 2: "😞👎🙄", 3: "😐🤷🫤", 4: "🙂👍😊", 5: "😍🎉💯"}
STARS = ("One", "Two", "Three", "Four", "Five")
