package dev.tatara.steps.tracking;

import dev.tatara.steps.Progress;
import java.util.ArrayList;
import java.util.List;

/** What isn't recorded, and why. */
final class LeftOut {
    private static final int MOST = 50;

    private final List<String> words = new ArrayList<>();
    private final Progress progress;

    LeftOut(Progress progress) {
        this.progress = progress;
    }

    void add(String what) {
        progress.say("left out: %s", what);
        if (words.size() < MOST) {
            words.add(what);
        }
    }

    List<String> words() {
        return List.copyOf(words);
    }
}
