package dev.tatara.statistics.drift;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What bench/drift-alarms simulates: the traffic and the policy of the library's own tests, many times. */
public final class AlarmBench {
    private static final int FEATURES = 50;
    private static final List<Double> SHARES = List.of(0.02, 0.06, 0.1, 0.2, 0.3, 0.5);

    private AlarmBench() {}

    /** {@code quiet|shifted REFERENCE_ROWS ROWS_PER_HOUR COMMON RUNS SEED [SHIFT SHIFTED]}. */
    public static void main(String[] arguments) {
        int referenceRows = Integer.parseInt(arguments[1]);
        int rowsPerHour = Integer.parseInt(arguments[2]);
        double common = Double.parseDouble(arguments[3]);
        int runs = Integer.parseInt(arguments[4]);
        long seed = Long.parseLong(arguments[5]);
        boolean quiet = arguments[0].equals("quiet");
        double shift = quiet ? 0 : Double.parseDouble(arguments[6]);
        int shifted = quiet ? 0 : Integer.parseInt(arguments[7]);
        int evaluations = quiet ? Watch.WINDOW : Watch.WINDOW + Watch.CONSECUTIVE;
        List<double[]> found = IntStream.range(0, runs)
                .parallel()
                .mapToObj(run -> new Watch(
                                new Traffic(seed + run, FEATURES, common), referenceRows, rowsPerHour, Method.Auto)
                        .run(evaluations, shift, shifted))
                .toList();
        double drifted = found.stream().flatMapToDouble(Arrays::stream).average().orElseThrow();
        String triggers = SHARES.stream()
                .map(share -> "\"" + share + "\":["
                        + found.stream()
                                .map(shares -> String.valueOf(Watch.triggered(shares, share)))
                                .collect(Collectors.joining(","))
                        + "]")
                .collect(Collectors.joining(","));
        String breaches = SHARES.stream()
                .map(share -> "\"" + share + "\":"
                        + found.stream()
                                .flatMapToDouble(Arrays::stream)
                                .filter(value -> value > 0 && value >= share)
                                .count())
                .collect(Collectors.joining(","));
        System.out.println("{\"drifted\":" + drifted + ",\"evaluations\":" + (long) runs * evaluations + ",\"triggers\":{"
                + triggers + "},\"breaches\":{" + breaches + "}}");
    }
}
