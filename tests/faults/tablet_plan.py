"""What happens to a tablet and to its network while people rate: a plan that a seed decides."""

import random
from dataclasses import dataclass

from tests.faults.proxy import ANSWERS, PASS, SPOILED, Fault

# What befalls the tablet itself. The new program is the server's; the tablet is to take it over.
EVENTS = ("reload", "kill", "new program", "full disk", "clock", "revoked")
DAY = 86_400
JUMPS = (-3_650 * DAY, -DAY, -3_600, 3_600, DAY, 3_650 * DAY)
MOMENTS = ("before", "during", "thanked")
LEAVINGS = ("enough", "send", "away")
REFUSE = Fault("refuse")


@dataclass(frozen=True)
class Scene:
    """One visit: the weather of the network, what befalls the tablet and when, what is said."""

    number: int
    weather: tuple[Fault, ...]
    event: str | None
    moment: str
    jump: int
    score: int
    steps: int
    leaving: str
    pause: int

    def __str__(self) -> str:
        event = f"{self.event} {self.moment}" if self.event else "nothing"
        if self.event == "clock":
            event += f" by {self.jump} s"
        network = ", ".join(map(str, self.weather)) or "well"
        return (
            f"{self.number}: {self.score} and {self.steps} answers, then {self.leaving}; "
            f"tablet: {event}; network: {network}; {self.pause} s pass"
        )

    def fault(self, seed: int, path: str, number: int) -> Fault:
        """What happens to the so-many-th request for a path in this scene."""
        if not self.weather:
            return PASS
        if number == 0:
            return self.weather[0]
        dice = random.Random(f"{seed}/{self.number}/{path}/{number}")
        return dice.choice((*self.weather, PASS))


def plan_of(seed: int, shortest: int = 6, longest: int = 12) -> list[Scene]:
    """The scenes of a run; the same for the same seed, for ever."""
    dice = random.Random(f"tablet {seed}")
    return [_scene(number, dice) for number in range(dice.randint(shortest, longest))]


def _scene(number: int, dice: random.Random) -> Scene:
    faults = tuple(_fault(dice) for _ in range(dice.choice((0, 1, 1, 2, 3))))
    # A door is open or closed; behind a closed one nothing else can happen.
    weather = (REFUSE,) if REFUSE in faults else faults
    event = dice.choice((None, *EVENTS, "kill", "reload"))
    return Scene(
        number=number,
        weather=weather,
        event=event,
        moment=dice.choice(MOMENTS),
        jump=dice.choice(JUMPS),
        score=dice.randint(1, 5),
        steps=dice.choice((0, 0, 1, 2)),
        leaving=dice.choice(LEAVINGS),
        pause=dice.choice((0, 1, 5, 30, 70)),
    )


def _fault(dice: random.Random) -> Fault:
    kind = dice.choice((*ANSWERS, *SPOILED, "refuse"))
    if kind == "refuse":
        return REFUSE
    # An answer of the server's own can only be spoiled when the request has reached it.
    reaches = kind in {"half", "drip", "wrong type"} or (
        kind in {"reset", "hang", "500", "502", "503"} and dice.random() < 0.5
    )
    waits = dice.choice((0, 2, 40, 900)) if kind in {"429", "503"} else 0
    return Fault(kind, reaches, waits)
