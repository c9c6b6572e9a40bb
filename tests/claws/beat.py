# SPDX-FileCopyrightText: 2026 The mailcert authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What our work does to Claws Mail's main loop, read from the log of one life: the plugin's callbacks, what it asked of Claws
Mail, and the probe's slow beats."""

import re


def spans(log, word):
    """[(begin, end, processor time or 0, what)], in microseconds."""
    found = re.findall(word + r" at (\d+): (\d+) us(?:, cpu (\d+) us)?(?: \(([^)\n]*)\))?", log)
    return [(int(end) - int(took), int(end), int(cpu or 0), what) for end, took, cpu, what in found]


def told(log):
    """A few lines for people, and the most of the processor's time that callbacks of ours took within one beat (us)."""
    callbacks, calls = spans(log, "callback"), spans(log, "call of (?:GTK|the program)")
    beats = []
    for begin, end, _, _ in spans(log, "beat"):
        within = lambda all_spans: [span for span in all_spans if begin <= span[0] and span[1] <= end]
        ours = within(callbacks)
        if ours:
            beats.append((end - begin, sum(late - early for early, late, _, _ in ours), sum(cpu for _, _, cpu, _ in ours),
                          sum(late - early for early, late, _, _ in within(calls)), "+".join(span[3] for span in within(calls))))
    beat = max(beats, default=(0, 0, 0, 0, ""))
    most = max(beats, key=lambda one: one[1], default=beat)
    return ["longest beat of the main loop with a callback of ours: %d us; ours in it %d us, others' for us %d us (%s)"
            % (beat[0], beat[1], beat[3], beat[4]),
            "most of ours in one beat: %d us, cpu %d us" % most[1:3],
            "longest call of ours to Claws Mail or GTK, loops inside and all: %d us (%s)"
            % max(((end - begin, what) for begin, end, _, what in calls), default=(0, "none"))], \
        max((one[2] for one in beats), default=0)
