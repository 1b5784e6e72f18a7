package dev.tatara.runtime.settings;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** Everything that can be set; docs/reference/runtime-settings.md explains each key to users. */
@ConfigMapping(prefix = "tatara.runtime")
public interface RuntimeSettings {

    Model model();

    Store store();

    Http http();

    Admin admin();

    Inference inference();

    Batching batching();

    Protocols protocols();

    Limits limits();

    Drain drain();

    /** Answer a few requests to oneself and exit with 0: trains the JVM's AOT cache when an image is built. */
    @WithDefault("false")
    boolean exitAfterWarmup();

    /** The InferenceService revision that this process belongs to; a label of its metrics. */
    Optional<String> revision();

    interface Model {
        Optional<String> uri();

        /** 64 hexadecimal digits; what was loaded must have this digest. */
        Optional<String> sha256();

        /** The name clients use; by default the file's name. */
        Optional<String> name();

        @WithDefault("1")
        String version();

        /** Where the file lies between download and load. */
        @WithDefault("${java.io.tmpdir}")
        Path directory();

        @WithDefault("8589934592")
        long maxBytes();
    }

    interface Store {
        Optional<URI> endpoint();

        /** Folder of a mounted Secret with the store's credentials. */
        Optional<Path> credentialsDir();

        /** How often a download is tried before the process gives up. */
        @WithDefault("5")
        int attempts();
    }

    interface Http {
        @WithDefault("0.0.0.0")
        String host();

        @WithDefault("8080")
        int port();

        @WithDefault("5m")
        Duration idleTimeout();

        /** Event loops that serve; by default one per CPU of the cgroup. */
        OptionalInt eventLoops();
    }

    interface Admin {
        @WithDefault("8081")
        int port();
    }

    interface Inference {
        /** Threads that one run may use; by default all CPUs of the cgroup. */
        OptionalInt intraOpThreads();

        /** A run that is expected to take longer than this leaves the event loop for a worker. */
        @WithDefault("1ms")
        Duration eventLoopBudget();

        /** Workers for runs that left the event loop; by default one per CPU. */
        OptionalInt workers();

        @WithDefault("20")
        int warmupRuns();
    }

    interface Batching {
        /** Rows that may be run together; not in use before the runtime batches. */
        OptionalInt maxBatchSize();

        /** How long the first row of a batch may wait for others; not in use before the runtime batches. */
        Optional<Duration> maxDelay();

        /** Requests that may wait for their turn. */
        @WithDefault("256")
        int maxQueue();
    }

    interface Protocols {
        /** Whether inference is answered over REST (V2 and plain JSON). */
        @WithDefault("true")
        boolean rest();

        /** Whether inference is answered over gRPC; not in use before the runtime speaks it. */
        @WithDefault("true")
        boolean grpc();
    }

    interface Limits {
        @WithDefault("67108864")
        long maxBodyBytes();

        /** Bytes of unfinished bodies that all connections together may hold. */
        @WithDefault("268435456")
        long maxBufferedBytes();

        /** A request that waited longer for a worker is answered 504 and never run. */
        @WithDefault("30s")
        Duration maxWait();
    }

    interface Drain {
        /** How long to go on serving after SIGTERM while load balancers learn of it. */
        @WithDefault("5s")
        Duration delay();

        /** How long to wait after that for what is in flight. */
        @WithDefault("30s")
        Duration timeout();
    }
}
