package dev.tatara.runtime.v2;

import java.util.Arrays;

/**
 * How one request wants its outputs written. Without wishes all are written as JSON.
 */
final class V2Wishes {
    private static final int USUAL = 8;

    private boolean binaryByDefault;
    private Boolean[] binary = new Boolean[USUAL];
    private int[] classes = new int[USUAL];

    void setBinaryByDefault(boolean wanted) {
        binaryByDefault = wanted;
    }

    /** For the output at this position of the answer. */
    void setBinary(int position, boolean wanted) {
        reserve(position);
        binary[position] = wanted;
    }

    /** Asks for the largest values with their positions instead of the output's tensor. */
    void setClasses(int position, int count) {
        reserve(position);
        classes[position] = count;
    }

    private void reserve(int position) {
        if (position >= binary.length) {
            binary = Arrays.copyOf(binary, position * 2);
            classes = Arrays.copyOf(classes, position * 2);
        }
    }

    boolean isBinary(int position) {
        Boolean wanted = position < binary.length ? binary[position] : null;
        return wanted == null ? binaryByDefault : wanted;
    }

    /** How many of the largest values are wanted, 0 for the tensor itself. */
    int classes(int position) {
        return position < classes.length ? classes[position] : 0;
    }
}
