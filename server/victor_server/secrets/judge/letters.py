"""Tells whether a word could be one: how usual its pairs of letters are in English and in the names of programs."""

# A line for the first letter, a column for the second: 9 + log2 of how often the second follows the first, at least 0.
# Counted over the words of Python's standard library.
import itertools

_PAIRS = [
    "04550140403656040656332230",
    "63436111540632540553601041",
    "60326106405532710536410020",
    "52347320710413520453410120",
    "52563430201546242665133520",
    "50235610700522630544501030",
    "51327145500535420553521001",
    "70137100601333600435400030",
    "44544440000547540456040304",
    "60427000404200730342700030",
    "52348240600514331263304020",
    "61247200601612630144410050",
    "74137100602341660143400010",
    "51566461503323520156430010",
    "33551330303557450655534200",
    "61236213502611650645401040",
    "20232101210304200440901000",
    "61447230603343620455322040",
    "41427225603422450257512030",
    "61437205600332530654412041",
    "45435330400656350656000000",
    "71308200600031420221001000",
    "71346305701415521652113100",
    "43536403600442360347220331",
    "23445332500456470366134102",
    "50128300600322520223100031",
]
_LEAST_USUAL = 3.6
"""One English word in 300 lies below it, and five random ones in six."""
_MIN_LETTERS = 5


def is_gibberish(word: str) -> bool:
    """Whether ASCII letters make no word in any case: `kfmwpz`, `tegbznq`; False for fewer than five."""
    if len(word) < _MIN_LETTERS or not (word.isascii() and word.isalpha()):
        return False
    places = [ord(letter) - ord("a") for letter in word.lower()]
    usual = sum(int(_PAIRS[first][second]) for first, second in itertools.pairwise(places))
    return usual < _LEAST_USUAL * (len(word) - 1)
