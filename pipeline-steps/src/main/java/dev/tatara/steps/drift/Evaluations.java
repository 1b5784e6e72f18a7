package dev.tatara.steps.drift;

import dev.tatara.contracts.DriftEvaluated;
import dev.tatara.contracts.StepResultCodec;
import dev.tatara.contracts.StepResultCodec.MalformedResultException;
import dev.tatara.steps.StepFailure;
import dev.tatara.steps.StoreFolder;
import dev.tatara.steps.StoreFolder.Entry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The evaluations of a policy in the store: {@code <folder>/<number>-<id>/result.json} and {@code report.html}. One that
 * isn't in such a folder has no history.
 */
final class Evaluations {
    static final String REPORT = "report.html";
    private static final String RESULT = "result.json";
    private static final Set<String> OURS = Set.of(REPORT, RESULT);
    private static final Pattern OUTPUT = Pattern.compile("(.*/)?(\\d{1,18})-[^/]+");
    private static final int MOST_RESULT_BYTES = 1 << 20;

    private final StoreFolder files;
    private final String folder;
    private final long number;

    /**
     * @param output key of this evaluation's folder, without a slash at its end
     */
    Evaluations(StoreFolder files, String output) {
        this.files = files;
        var match = OUTPUT.matcher(output);
        folder = match.matches() && match.group(1) != null ? match.group(1) : null;
        number = folder == null ? -1 : Long.parseLong(match.group(2));
    }

    /** Files of the evaluations that are there, this one aside, by their numbers. */
    private SortedMap<Long, List<Entry>> others() throws StepFailure {
        var found = new TreeMap<Long, List<Entry>>(Comparator.reverseOrder());
        if (folder == null) {
            return found;
        }
        for (var entry : files.list(folder)) {
            var slash = entry.key().lastIndexOf('/');
            var match = OUTPUT.matcher(entry.key().substring(0, slash));
            if (match.matches()
                    && folder.equals(match.group(1))
                    && OURS.contains(entry.key().substring(slash + 1))
                    && Long.parseLong(match.group(2)) != number) {
                found.computeIfAbsent(Long.valueOf(match.group(2)), any -> new ArrayList<>())
                        .add(entry);
            }
        }
        return found;
    }

    /** Evaluations before this one, the oldest first. */
    List<DriftEvaluated> before(int most) throws StepFailure {
        var before = new ArrayList<DriftEvaluated>();
        for (var other : others().tailMap(number).values()) {
            for (var entry : other) {
                if (before.size() < most && entry.key().endsWith("/" + RESULT)) {
                    var json = files.find(entry.key(), MOST_RESULT_BYTES);
                    json.ifPresent(bytes -> add(bytes, before));
                }
            }
        }
        return before.reversed();
    }

    private static void add(byte[] json, List<DriftEvaluated> before) {
        try {
            var result = StepResultCodec.fromJson(new String(json, StandardCharsets.UTF_8), DriftEvaluated.class);
            if (result.details() != null) {
                before.add(result.details());
            }
        } catch (MalformedResultException e) {
            // Of another release, or half of one: a history can do without.
            return;
        }
    }

    /** Deletes the oldest beyond a number, this one counted. Returns how many went. */
    int keep(int most) throws StepFailure {
        var others = List.copyOf(others().tailMap(number).values());
        var gone = 0;
        for (var other : others.subList(Math.min(others.size(), most - 1), others.size())) {
            for (var entry : other) {
                files.delete(entry.key());
            }
            gone++;
        }
        return gone;
    }
}
