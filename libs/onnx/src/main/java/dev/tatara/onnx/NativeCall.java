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
 * <p>The calling conventions of every platform that ONNX Runtime ships for pass integers and pointers in 64-bit registers
 * or slots that the caller cleans up, so a function doesn't notice arguments more than it takes. Two handles therefore
 * serve the whole API, and no object is made per pointer: linking a handle takes 10 to 20 ms at start, which no AOT cache
 * keeps. A result narrower than 64 bits has undefined upper bits: narrow it.
 */
final class NativeCall {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle UP_TO_THREE = handle(3);
    private static final MethodHandle UP_TO_EIGHT = handle(8);

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
        return call(function, 0, 0, 0);
    }

    static long call(MemorySegment function, long a) {
        return call(function, a, 0, 0);
    }

    static long call(MemorySegment function, long a, long b) {
        return call(function, a, b, 0);
    }

    static long call(MemorySegment function, long a, long b, long c) {
        try {
            return (long) UP_TO_THREE.invokeExact(function, a, b, c);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static long call(MemorySegment function, long a, long b, long c, long d) {
        return call(function, a, b, c, d, 0, 0, 0, 0);
    }

    static long call(MemorySegment function, long a, long b, long c, long d, long e) {
        return call(function, a, b, c, d, e, 0, 0, 0);
    }

    static long call(MemorySegment function, long a, long b, long c, long d, long e, long f, long g) {
        return call(function, a, b, c, d, e, f, g, 0);
    }

    static long call(MemorySegment function, long a, long b, long c, long d, long e, long f, long g, long h) {
        try {
            return (long) UP_TO_EIGHT.invokeExact(function, a, b, c, d, e, f, g, h);
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
