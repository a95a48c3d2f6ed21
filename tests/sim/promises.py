"""What the observers of the simulated worlds hold a seed to."""

from __future__ import annotations

PROMISES: dict[str, tuple[str, str]] = {
    "G1": ("nothing is marked as delivered that the peer does not have", "fabric"),
    "G2": ("a word takes effect once; an office is never given a revision that it does not read",
           "fabric, town"),
    "G3": ("words of one lane take effect in the order in which they were committed",
           "fabric, town"),
    "G8": ("nothing is sent twice on one contact unless a Hello or a Pull asked for it", "fabric"),
    "I1": ("what was answered is there, once; what was refused changed nothing", "town"),
    "I2": ("every word is in its destination's inbox exactly once, or its origin knows why not",
           "fabric, town"),
    "I3": ("positions have no gaps, the chain holds, both heads are equal at rest",
           "fabric, town"),
    "I4": ("one effect per cause, one order per key in a unit's books", "fabric, town"),
    "I5": ("numbers of assignments rise, one live assignment per case and node, the child holds "
           "the number that its assignor gave", "town"),
    "I6": ("nothing of an ended round moves a case; nobody believes more than was said", "town"),
    "I7": ("every ancestor has the whole journal below it, under its makers' seals; missing is 0",
           "town"),
    "I8": ("all entitled offices know the same facts of a case", "town"),
    "I10": ("what is acknowledged is committed, and survives the power", "fabric, town"),
    "I11": ("parked words keep bytes and a reason, and block nobody but their lane",
            "fabric, town"),
    "I12": ("each timer fires once, and none is forgotten", "town"),
    "I13": ("nothing is taken under a key that does not count", "fabric"),
    "I14": ("no storms; waiting grows while nothing succeeds; credit is kept; without proof no "
            "node stops; when faults end everything comes to rest within forty minutes",
            "fabric, town"),
    "I16": ("nobody, and no unit, works for an assignment that has ended", "town"),
    "I17": ("no origin signs two headers for one position unnoticed", "fabric, town"),
    "I18": ("any order of carriers, a lost store, a small or stalled box leave all this true",
            "fabric, town"),
    "I19": ("after an epoch begins nothing of a lower one is applied", "fabric"),
    "I20": ("after a recovery the origin holds, byte for byte, what its peers have of it; no "
            "number is given twice on a link", "fabric"),
    "F5": ("the rank of a round never falls back", "town"),
    "F8": ("an inner leg ends within the outer one", "town"),
    "T1": ("a case is what its journal folds to", "town"),
    "T3": ("a word that was taken left an entry", "town"),
}
"""By the name under which an observer reports it: the sentence, and the worlds that are held to it.
I18 is no look of its own: it is that seeds with such faults are held to everything else."""
