package dev.tatara.steps.options;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import picocli.CommandLine.Option;

/** How much of the machine a step's tables may take. */
public final class EngineOptions {
    private static final long SMALLEST = 64L << 20;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            description = "Memory for rows; what doesn't fit goes to the disk. Default: half of the container's or the"
                    + " machine's.")
    private ByteSize memory;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads for queries. Default: as many as the container or the machine has processors.")
    private Integer threads;

    public long memoryBytes() {
        if (memory != null) {
            return Math.max(SMALLEST, memory.bytes());
        }
        var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return Math.max(SMALLEST, system.getTotalMemorySize() / 2);
    }

    public int threads() {
        return threads != null ? Math.max(1, threads) : Runtime.getRuntime().availableProcessors();
    }
}
