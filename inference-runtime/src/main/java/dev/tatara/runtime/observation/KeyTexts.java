package dev.tatara.runtime.observation;

import dev.tatara.onnx.Datatype;
import dev.tatara.onnx.OnnxValue.Numbers;
import dev.tatara.runtime.inference.EntityKeys;
import dev.tatara.runtime.inference.EntityLayout;
import dev.tatara.runtime.inference.InputTensor;
import dev.tatara.runtime.json.Elements;
import dev.tatara.runtime.json.JsonBytes;
import dev.tatara.runtime.observation.Secrecy.Hasher;
import dev.tatara.runtime.observation.Secrecy.Treatment;

/** The keys of entities that a request brought, row by row as JSON. Not for several threads. */
final class KeyTexts {
    private static final int LONGEST = 4096;

    private final Secrecy secrecy;
    private final Hasher hasher;
    private final JsonBytes out = new JsonBytes();
    private final JsonBytes hashed = new JsonBytes();
    private EntityLayout layout;
    private Treatment[] treatments = {};

    KeyTexts(Secrecy secrecy) {
        this.secrecy = secrecy;
        hasher = secrecy.hasher();
    }

    /**
     * One row's keys, as in {@code {"user_id":7}}.
     *
     * @param keys null where nothing is looked up
     * @return null if there are none to tell, or they are longer than 4 KiB
     */
    @SuppressWarnings("ReferenceEquality") // a model has one layout
    byte[] of(EntityKeys keys, int row) {
        if (keys == null) {
            return null;
        }
        if (keys.layout() != layout) {
            layout = keys.layout();
            treatments = layout.keys().stream()
                    .map(key -> secrecy.of(key.name(), key.name()))
                    .toArray(Treatment[]::new);
        }
        out.reset();
        for (int i = 0; i < treatments.length; i++) {
            InputTensor key = keys.key(i);
            if (key.count() > row && treatments[i] != Treatment.LEFT_OUT) {
                out.raw(out.size() == 0 ? '{' : ',').string(key.info().name()).raw(':');
                if (treatments[i] == Treatment.HASHED) {
                    out.string(hasher.hash(text(key, row)));
                } else {
                    value(key, row, out);
                }
            }
        }
        return out.size() == 0 || out.size() >= LONGEST ? null : out.raw('}').toByteArray();
    }

    private static void value(InputTensor key, int row, JsonBytes to) {
        if (key.info().datatype() == Datatype.BYTES) {
            to.string(key.texts().get(row));
        } else {
            Elements.write(new Numbers(key.info().datatype(), new long[] {key.count()}, key.data()), row, to);
        }
    }

    /** What is hashed: a string's bytes, a number's decimal. */
    private byte[] text(InputTensor key, int row) {
        if (key.info().datatype() == Datatype.BYTES) {
            return key.texts().get(row);
        }
        hashed.reset();
        value(key, row, hashed);
        return hashed.toByteArray();
    }
}
