package dev.tatara.onnx;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * Calls C functions by address, all arguments and the result as 64-bit integers.
 *
 * <p>The calling conventions of every platform that ONNX Runtime ships for pass the first integers and pointers in
 * 64-bit registers (or slots), so that one handle per number of arguments serves the whole API: eight handles are linked
 * at start instead of one per function, and no object is made per pointer. A result narrower than 64 bits has
 * undefined upper bits: narrow it.
 */
final class NativeCall {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle CALL_0 = handle(0);
    private static final MethodHandle CALL_1 = handle(1);
    private static final MethodHandle CALL_2 = handle(2);
    private static final MethodHandle CALL_3 = handle(3);
    private static final MethodHandle CALL_4 = handle(4);
    private static final MethodHandle CALL_5 = handle(5);
    private static final MethodHandle CALL_7 = handle(7);
    private static final MethodHandle CALL_8 = handle(8);

    private NativeCall() {}

    @SuppressWarnings("restricted") // calling native code is what this class is for
    private static MethodHandle handle(int arguments) {
        MemoryLayout[] layouts = new MemoryLayout[arguments];
        Arrays.fill(layouts, JAVA_LONG);
        return LINKER.downcallHandle(FunctionDescriptor.of(JAVA_LONG, layouts));
    }

    /** Memory of the given size at an address that native code named; valid as long as native code says. */
    @SuppressWarnings("restricted") // the sizes come from ONNX Runtime itself
    static MemorySegment memory(long address, long size) {
        return MemorySegment.ofAddress(address).reinterpret(size);
    }

    static long call(MemorySegment function) {
        try {
            return (long) CALL_0.invokeExact(function);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static long call(MemorySegment function, long a) {
        try {
            return (long) CALL_1.invokeExact(function, a);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static long call(MemorySegment function, long a, long b) {
        try {
            return (long) CALL_2.invokeExact(function, a, b);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static long call(MemorySegment function, long a, long b, long c) {
        try {
            return (long) CALL_3.invokeExact(function, a, b, c);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static long call(MemorySegment function, long a, long b, long c, long d) {
        try {
            return (long) CALL_4.invokeExact(function, a, b, c, d);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static long call(MemorySegment function, long a, long b, long c, long d, long e) {
        try {
            return (long) CALL_5.invokeExact(function, a, b, c, d, e);
        } catch (Throwable failure) {
            throw impossible(failure);
        }
    }

    static long call(MemorySegment function, long a, long b, long c, long d, long e, long f, long g) {
        try {
            return (long) CALL_7.invokeExact(function, a, b, c, d, e, f, g);
        } catch (Throwable failure) {
            throw impossible(failure);
        }
    }

    static long call(MemorySegment function, long a, long b, long c, long d, long e, long f, long g, long h) {
        try {
            return (long) CALL_8.invokeExact(function, a, b, c, d, e, f, g, h);
        } catch (Throwable failure) {
            throw impossible(failure);
        }
    }

    /** A downcall of plain integers throws nothing but what the JVM itself is in trouble with. */
    private static RuntimeException impossible(Throwable e) {
        return switch (e) {
            case Error error -> throw error;
            case RuntimeException runtime -> runtime;
            default -> new IllegalStateException("native call failed", e);
        };
    }
}
