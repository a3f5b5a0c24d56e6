"""The cast of the demo: names, models, channels. Names are no everyday words, so that a text names nobody by chance."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A model as the demo plays it: median seconds to the first token, and tokens per second."""

    name: str
    local: bool
    first_token: float
    pace: float


@dataclass(frozen=True, slots=True)
class Persona:
    """A character: its model, the topics it returns to, its share of the talk, and whether it speaks aloud."""

    name: str
    manner: str
    model: LanguageModel
    topics: tuple[str, ...]
    weight: float
    aloud: bool = False
    own_webhook: bool = False
    placeholders: bool = False


LLAMA = LanguageModel("llama3.1:8b", local=True, first_token=0.38, pace=52.0)
QWEN = LanguageModel("qwen2.5:14b", local=True, first_token=0.62, pace=34.0)
GPT = LanguageModel("gpt-4o-mini", local=False, first_token=0.45, pace=88.0)
HAIKU = LanguageModel("claude-haiku-4-5", local=False, first_token=0.55, pace=110.0)

PERSONAS = (
    Persona("Brine", "gruff", LLAMA, ("lighthouse", "harbour", "storm", "compass"), 1.5, aloud=True),
    Persona("Nyx", "dry", LLAMA, ("midnight", "riddle", "shadow", "chess"), 1.25),
    Persona("Gizmo", "eager", GPT, ("robot", "engine", "blueprint", "battery"), 1.1),
    Persona("Tansy", "warm", QWEN, ("garden", "recipe", "honey", "mushroom"), 0.9, placeholders=True),
    Persona("Vesper", "grand", HAIKU, ("opera", "castle", "portrait", "melody"), 0.7, own_webhook=True),
    Persona("Quillon", "learned", HAIKU, ("library", "dragon", "telescope", "history"), 0.55, aloud=True),
)

PEOPLE = (
    "olivia", "kira", "tomasz", "juno", "amara", "leif", "priya", "dmitri", "yusuf", "noor",
    "ingrid", "mateo", "saoirse", "hiroko", "bjarne", "lucija", "kwame", "elif", "rasmus", "odette",
    "farid", "wren7", "zofia", "tariq", "mirela", "ansel", "pxl_panda", "Zoë", "さくら", "valentina",
    "oskari", "thandi", "kasimir", "lumi", "brannoc", "xiadani", "egon", "soraya", "ulrike", "zed404",
)  # fmt: skip

GUILDS = (("The Green Room", "olivia"), ("Night Library", "juno"))

CHANNELS = (
    (
        ("lobby", "Say hello. Every persona listens here.", 1.5),
        ("tavern", "Tales, jokes and long evenings", 1.3),
        ("workshop", "Plans, code and things that spark", 1.0),
        ("stagecraft", "Scenes and rehearsals", 0.7),
        ("bot-ops", "Health, alerts and the daily digest of the personas", 0.0),
    ),
    (
        ("reading-room", "One chapter a week", 1.0),
        ("games", "Riddles, chess and quizzes", 0.9),
        ("kitchen", "What is on the stove tonight", 0.6),
    ),
)
