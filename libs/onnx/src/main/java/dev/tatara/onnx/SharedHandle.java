package dev.tatara.onnx;

import java.util.concurrent.atomic.AtomicInteger;

/** A native object that is released when its owner and all who use it have let go of it. */
final class SharedHandle {
    private final long address;
    private final Runnable release;
    private final AtomicInteger holders = new AtomicInteger(1);

    SharedHandle(long address, Runnable release) {
        this.address = address;
        this.release = release;
    }

    long address() {
        return address;
    }

    void acquire(String what) {
        while (true) {
            int count = holders.get();
            if (count == 0) {
                throw new IllegalStateException(what + " is closed");
            }
            if (holders.compareAndSet(count, count + 1)) {
                return;
            }
        }
    }

    void release() {
        if (holders.decrementAndGet() == 0) {
            release.run();
        }
    }
}
