package dev.tatara.operator.modelversion.plan;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Orders versions of a model: numbers by value ({@code 10} after {@code 9}), semantic versions by their precedence (a
 * pre-release before its release; build metadata doesn't count), an optional leading {@code v} aside. What is neither
 * comes before all that are and is ordered by its text, so that the order is total.
 *
 * @see <a href="https://semver.org/#spec-item-11">Semantic Versioning 2.0.0, item 11</a>
 */
public final class VersionOrder implements Comparator<String> {
    public static final VersionOrder INSTANCE = new VersionOrder();

    private static final Pattern VERSION =
            Pattern.compile("[vV]?(\\d+(?:\\.\\d+)*)(?:-([0-9A-Za-z.-]+))?(?:\\+[0-9A-Za-z.-]+)?");
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    private record Parsed(List<BigInteger> core, List<String> preRelease) {}

    private VersionOrder() {}

    @Override
    public int compare(String left, String right) {
        var a = parse(left);
        var b = parse(right);
        if (a == null || b == null) {
            return a == null && b == null ? left.compareTo(right) : a == null ? -1 : 1;
        }
        var byCore = compareCores(a.core, b.core);
        if (byCore != 0) {
            return byCore;
        }
        var byPreRelease = comparePreReleases(a.preRelease, b.preRelease);
        return byPreRelease != 0 ? byPreRelease : left.compareTo(right);
    }

    private static Parsed parse(String version) {
        var match = VERSION.matcher(version);
        if (!match.matches()) {
            return null;
        }
        var core = new ArrayList<BigInteger>();
        for (var part : match.group(1).split("\\.", -1)) {
            core.add(new BigInteger(part));
        }
        return new Parsed(
                core,
                match.group(2) == null ? List.of() : List.of(match.group(2).split("\\.", -1)));
    }

    private static int compareCores(List<BigInteger> a, List<BigInteger> b) {
        for (int i = 0; i < Math.max(a.size(), b.size()); i++) {
            var order = partOf(a, i).compareTo(partOf(b, i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static BigInteger partOf(List<BigInteger> core, int i) {
        return i < core.size() ? core.get(i) : BigInteger.ZERO;
    }

    private static int comparePreReleases(List<String> a, List<String> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return Boolean.compare(a.isEmpty(), b.isEmpty());
        }
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            var order = compareIdentifiers(a.get(i), b.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    private static int compareIdentifiers(String a, String b) {
        var aIsNumber = NUMBER.matcher(a).matches();
        var bIsNumber = NUMBER.matcher(b).matches();
        if (aIsNumber && bIsNumber) {
            return new BigInteger(a).compareTo(new BigInteger(b));
        }
        return aIsNumber == bIsNumber ? a.compareTo(b) : aIsNumber ? -1 : 1;
    }
}
