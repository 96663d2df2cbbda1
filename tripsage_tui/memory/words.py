"""Words as the built-in embedder sees them: without stop words, stemmed, and grouped into what travellers mean."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SILENT = """
a about after again all also am an and any anyone anything are as at be because been before being but by can could
did do does doing don done each else ever every everything few for from get gets getting give go goes going got had
has have having he her here hers him his how i if in into is isn it its just kind know let like likes liked lot lots
make makes many may maybe me mine more most much must my need needs never new no nor not now of off ok on once one
only or other our ours out over own per please really she should so some something still such sure take takes than
that the their them then there these they thing things think this those though to too traveler traveller trip trips
tell user users very want wants was way we well were what when where which while who whom why will with within
without would you your yours always usually often sometimes remember remind recommend suggest find show look looking
plan planning planned book booking prefer prefers preferred preference preferences love loves hate hates enjoy
enjoys favourite favorite
"""
STOP_WORDS = frozenset(_SILENT.split())
"""Words that say nothing about what a fact is about: liking and hating a thing are the same topic."""

_CONCEPTS = """
seat: seat sit sitting seated aisle window legroom row bulkhead exit middle
redeye: redeye overnight night late midnight sleeper
morning: morning early dawn sunrise breakfast
evening: evening sunset dinner nightlife bar club
flight: flight fly flying plane airline airport aircraft airfare jet carrier
airline: lufthansa ana delta united ryanair easyjet emirates klm alliance skyteam oneworld
layover: layover connection stopover transfer nonstop direct connecting change
baggage: baggage luggage bag suitcase carry carryon hold checked backpack pack
cabin: economy premium business class upgrade first
lounge: lounge status miles points loyalty frequent elite reward card
train: train rail railway station shinkansen eurostar tgv ice interrail sleeper
bus: bus coach shuttle
car: car drive driving rental hire road parking licence license highway automatic manual
bike: bike bicycle cycle cycling
walk: walk walking stroll foot hike hiking trek trail mountain
boat: boat ferry cruise ship sail sailing seasick
transport: metro subway tram taxi uber transit underground public
hotel: hotel hostel room stay lodging accommodation ryokan apartment flat airbnb bnb guesthouse resort inn place bed
quiet: quiet noise noisy calm silent loud peaceful sleep
view: view balcony terrace floor panorama
breakfast: breakfast buffet brunch
pool: pool spa sauna onsen wellness gym swim swimming
wifi: wifi internet work desk laptop remote online
pet: pet dog cat animal
child: child children kid kids baby toddler daughter son family stroller crib cot nephew niece
partner: wife husband partner spouse girlfriend boyfriend anniversary honeymoon couple
friend: friend friends group together
solo: solo alone single
parents: mother father mum mom dad parents grandmother grandparents
access: wheelchair step stepfree mobility accessible elevator lift stairs ramp disabled knee cane
allergy: allergy allergic peanut nut nuts lactose gluten celiac coeliac shellfish intolerance intolerant
diet: vegetarian vegan meat plant halal kosher pescatarian diet dietary
food: food eat eating restaurant meal lunch dinner cuisine dish cook cooking taste hungry spicy street
fish: fish seafood sushi shellfish
drink: drink wine beer coffee tea alcohol sober whisky cocktail bar
health: medication medicine insulin diabetic diabetes asthma doctor pharmacy prescription pregnant health fear
weather: weather hot heat warm cold rain rainy humid sun sunny snow temperature climate
beach: beach sea ocean coast island snorkel snorkelling dive diving surf
ski: ski skiing snowboard slope
museum: museum art gallery painting exhibition history historic architecture castle temple church culture
music: music concert opera festival theatre theater jazz
nature: nature park forest garden lake wildlife bird national scenery
photo: photo photography camera picture
shop: shop shopping market souvenir mall
crowd: crowd crowded busy tourist touristy queue line peak
budget: budget cheap price cost expensive afford spend money saving limit under maximum euro euros dollar dollars
luxury: luxury splurge star fancy upscale
currency: cash card currency atm pay payment contactless
passport: passport visa citizen citizenship nationality document id esta renew expire expires
insurance: insurance cancel cancellation refund refundable flexible
language: language speak english french spanish japanese german translate
date: date month weekend week summer winter spring autumn fall holiday holidays school vacation leave days
home: home live lives based depart departure hometown
pace: pace slow relaxed rush rushed packed busy lazy
safety: safe safety danger dangerous crime
eco: eco climate emission emissions carbon sustainable green
japan: japan japanese tokyo kyoto osaka hokkaido sapporo
italy: italy italian rome florence venice milan sicily naples
france: france french paris lyon nice provence
spain: spain spanish madrid barcelona seville mallorca
portugal: portugal portuguese lisbon porto azores
britain: britain england british london scotland edinburgh uk
germany: germany german berlin munich frankfurt hamburg
usa: usa america american york california hawaii
nordic: norway sweden denmark finland iceland nordic copenhagen oslo stockholm
asia: asia thailand bangkok vietnam bali indonesia singapore korea seoul china india
birthday: birthday anniversary celebrate celebration
"""

_SUFFIXES = (
    ("ational", "ate"), ("fulness", "ful"), ("ousness", "ous"), ("iveness", "ive"), ("ization", "ize"),
    ("ingly", ""), ("edly", ""), ("ments", ""), ("ment", ""), ("ness", ""), ("sses", "ss"), ("ies", "y"),
    ("ings", ""), ("ing", ""), ("ied", "y"), ("eed", "ee"), ("ed", ""), ("ers", ""), ("er", ""), ("ly", ""),
)  # fmt: skip
_JOINED = (("red-eye", "redeye"), ("red eye", "redeye"), ("carry-on", "carryon"), ("step-free", "stepfree"),
           ("wi-fi", "wifi"), ("non-stop", "nonstop"))  # fmt: skip


def words(text: str) -> list[str]:
    """The words of a text in lower case, without accents and without those that say nothing."""
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    for apart, joined in _JOINED:
        plain = plain.replace(apart, joined)
    found = re.findall(r"[^\W_]+", plain)
    return [word for word in found if word not in STOP_WORDS and len(word) > 1]


def telling(text: str) -> str:
    """A question without the words that would fit anything; all of it when nothing else is in it."""
    return " ".join(word for word in re.findall(r"[^\W_]+", text) if word.lower() not in STOP_WORDS) or text


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A word without its ending: light, and the same for what belongs together more often than right."""
    if len(word) <= 3:
        return word
    for suffix, instead in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) + len(instead) >= 3:
            word = word[: -len(suffix)] + instead
            break
    else:
        if word.endswith("s") and not word.endswith(("ss", "us", "is")):
            word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def _concepts() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for line in _CONCEPTS.strip().splitlines():
        name, _, members = line.partition(":")
        for member in members.split():
            found.setdefault(stem(member), []).append(name)
    return {word: tuple(names) for word, names in found.items()}


@lru_cache(maxsize=1)
def lexicon() -> dict[str, tuple[str, ...]]:
    """Stem to the names of the travellers' concepts that it belongs to."""
    return _concepts()
