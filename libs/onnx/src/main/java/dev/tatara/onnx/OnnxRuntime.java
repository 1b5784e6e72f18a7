package dev.tatara.onnx;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * ONNX Runtime in this process. Opening it again is cheap: the library keeps one environment per process.
 *
 * <p>The JVM wants {@code --enable-native-access=ALL-UNNAMED}.
 */
public final class OnnxRuntime implements AutoCloseable {
    private static final int LOG_FATAL_ONLY = 4;
    private static final int GRAPH_OPTIMIZATION_OFF = 0;
    private static final int GRAPH_OPTIMIZATION_ALL = 99;
    private static final int DEVICE_ALLOCATOR = 0;
    private static final int DEFAULT_MEMORY = 0;

    private final OrtApi api;
    private final SharedHandle environment;
    private final long cpuMemory;
    private final long allocator;

    private OnnxRuntime(OrtApi api) {
        this.api = api;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            MemorySegment name = arena.allocateFrom("tatara");
            // Whatever ONNX Runtime would log as an error it also returns as a status: said once is enough.
            api.check(NativeCall.call(api.createEnv, LOG_FATAL_ONLY, name.address(), out.address()));
            long env = out.get(JAVA_LONG, 0);
            environment = new SharedHandle(env, () -> NativeCall.call(api.releaseEnv, env));
            api.check(NativeCall.call(api.createCpuMemoryInfo, DEVICE_ALLOCATOR, DEFAULT_MEMORY, out.address()));
            cpuMemory = out.get(JAVA_LONG, 0);
            api.check(NativeCall.call(api.getAllocatorWithDefaultOptions, out.address()));
            allocator = out.get(JAVA_LONG, 0);
        }
    }

    /**
     * Loads the library from where the system property {@code tatara.onnxruntime.library} or the environment variable
     * {@code TATARA_ONNXRUNTIME_LIBRARY} points, else from the application's folder {@code native/}, else from ONNX
     * Runtime's jar on the class path.
     *
     * @throws OnnxException if there is none, or one that is too old
     */
    public static OnnxRuntime open() {
        NativeLibrary.Location location = NativeLibrary.locate();
        try {
            return open(location.path());
        } finally {
            if (location.temporary()) {
                deleteLoaded(location.path());
            }
        }
    }

    /** Loads the library from a file. */
    @SuppressWarnings("restricted") // loading a native library is what this method is for
    public static OnnxRuntime open(Path library) {
        disableTelemetry();
        SymbolLookup symbols;
        try {
            // Never unloaded: ONNX Runtime has threads and statics that outlive an environment.
            symbols = SymbolLookup.libraryLookup(library, Arena.global());
        } catch (IllegalArgumentException e) {
            throw new OnnxException(
                    OnnxException.Code.NO_SUCH_FILE,
                    "cannot load ONNX Runtime from " + library + ": " + e.getMessage());
        }
        return new OnnxRuntime(new OrtApi(symbols));
    }

    /** Version of the library, such as 1.29.0. */
    public String version() {
        return api.version();
    }

    /**
     * Loads a model from a file; data that the model keeps in files beside it is found there.
     *
     * @throws OnnxException if the file is no model, or one that this ONNX Runtime can't run
     */
    public OnnxModel load(Path file, SessionSettings settings) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(file.toString());
            MemorySegment out = arena.allocate(JAVA_LONG);
            return session(
                    settings,
                    out,
                    options -> NativeCall.call(
                            api.createSession, environment.address(), path.address(), options, out.address()));
        }
    }

    /**
     * Loads a model from native memory, which isn't needed any more afterwards.
     *
     * @throws OnnxException if the bytes are no model, or one that this ONNX Runtime can't run
     */
    public OnnxModel load(MemorySegment bytes, SessionSettings settings) {
        if (!bytes.isNative()) {
            throw new IllegalArgumentException("the model's bytes must be in native memory");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            return session(
                    settings,
                    out,
                    options -> NativeCall.call(
                            api.createSessionFromArray,
                            environment.address(),
                            bytes.address(),
                            bytes.byteSize(),
                            options,
                            out.address()));
        }
    }

    private interface SessionCreation {
        long create(long options);
    }

    private OnnxModel session(SessionSettings settings, MemorySegment out, SessionCreation creation) {
        environment.acquire("ONNX Runtime");
        boolean created = false;
        try {
            long options = sessionOptions(settings);
            try {
                api.check(creation.create(options));
            } finally {
                NativeCall.call(api.releaseSessionOptions, options);
            }
            long session = out.get(JAVA_LONG, 0);
            SharedHandle handle = new SharedHandle(session, () -> {
                NativeCall.call(api.releaseSession, session);
                environment.release();
            });
            created = true;
            try {
                return new NativeModel(api, handle, cpuMemory, allocator);
            } catch (RuntimeException e) {
                handle.release();
                throw e;
            }
        } finally {
            if (!created) {
                environment.release();
            }
        }
    }

    private long sessionOptions(SessionSettings settings) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(JAVA_LONG);
            api.check(NativeCall.call(api.createSessionOptions, out.address()));
            long options = out.get(JAVA_LONG, 0);
            try {
                api.check(NativeCall.call(api.setIntraOpNumThreads, options, settings.intraOpThreads()));
                api.check(NativeCall.call(api.setInterOpNumThreads, options, 1));
                api.check(NativeCall.call(
                        api.setGraphOptimizationLevel,
                        options,
                        settings.optimizeGraph() ? GRAPH_OPTIMIZATION_ALL : GRAPH_OPTIMIZATION_OFF));
                String spinning = settings.allowSpinning() ? "1" : "0";
                configure(arena, options, "session.intra_op.allow_spinning", spinning);
                configure(arena, options, "session.inter_op.allow_spinning", spinning);
                return options;
            } catch (RuntimeException e) {
                NativeCall.call(api.releaseSessionOptions, options);
                throw e;
            }
        }
    }

    private void configure(Arena arena, long options, String key, String value) {
        api.check(NativeCall.call(
                api.addSessionConfigEntry,
                options,
                arena.allocateFrom(key).address(),
                arena.allocateFrom(value).address()));
    }

    /** Lets go of the environment; it goes when the last model is closed. */
    @Override
    public void close() {
        environment.release();
    }

    /**
     * ONNX Runtime for Linux collects machine identifiers when its environment is created unless this variable is set
     * before. Images set it; here it is set for whoever runs the jar by hand.
     */
    private static void disableTelemetry() {
        if (System.getenv("ORT_DISABLE_TELEMETRY") != null) {
            return;
        }
        Linker.nativeLinker().defaultLookup().find("setenv").ifPresent(setenv -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment name = arena.allocateFrom("ORT_DISABLE_TELEMETRY");
                MemorySegment value = arena.allocateFrom("1");
                NativeCall.call(setenv, name.address(), value.address(), 1);
            }
        });
    }

    private static void deleteLoaded(Path library) {
        try {
            Files.deleteIfExists(library);
        } catch (IOException e) {
            // Windows keeps a loaded library's file.
            if (!System.getProperty("os.name").startsWith("Windows")) {
                throw new UncheckedIOException("cannot delete " + library + " after loading it", e);
            }
        }
    }
}
