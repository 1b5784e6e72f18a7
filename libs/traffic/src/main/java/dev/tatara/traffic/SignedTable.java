package dev.tatara.traffic;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Arrays;
import java.util.Base64;

/**
 * A table as it travels: {@code {"table": "<base64 of its JSON>", "signature": "<base64, Ed25519 of these bytes>"}}. What
 * is signed are bytes, so that nobody has to write JSON again exactly as another did.
 */
public final class SignedTable {
    /** The largest document, in bytes. */
    public static final int MOST_BYTES = 1 << 20;

    private static final JsonFactory JSON = new JsonFactory();

    private final byte[] table;
    private final byte[] signature;

    private SignedTable(byte[] table, byte[] signature) {
        this.table = table;
        this.signature = signature;
    }

    /**
     * Signs a table.
     *
     * @throws IllegalArgumentException if it is too large to travel, or the key isn't one of Ed25519
     */
    public static SignedTable sign(TrafficTable table, PrivateKey key) {
        byte[] bytes = TableJson.write(table);
        try {
            Signature signing = Signature.getInstance(SigningKeys.ALGORITHM);
            signing.initSign(key);
            signing.update(bytes);
            SignedTable signed = new SignedTable(bytes, signing.sign());
            int size = signed.toJson().length;
            if (size > MOST_BYTES) {
                throw new IllegalArgumentException(
                        "expected a table of up to " + MOST_BYTES + " bytes when signed, found " + size);
            }
            return signed;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("expected a key to sign with (Ed25519): " + e.getMessage(), e);
        }
    }

    /** The document. */
    public byte[] toJson() {
        Base64.Encoder base64 = Base64.getEncoder();
        return ("{\"table\":\"" + base64.encodeToString(table) + "\",\"signature\":\""
                        + base64.encodeToString(signature) + "\"}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Reads a document; who signed it shows only when its table is asked for. */
    public static SignedTable parse(byte[] json) throws MalformedTableException {
        if (json.length > MOST_BYTES) {
            throw new MalformedTableException(
                    "expected a signed table of up to " + MOST_BYTES + " bytes, found " + json.length);
        }
        byte[] table = null;
        byte[] signature = null;
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            JsonWalk.begin(parser);
            for (String name = JsonWalk.next(parser); name != null; name = JsonWalk.next(parser)) {
                switch (name) {
                    case "table" -> table = parser.getBinaryValue();
                    case "signature" -> signature = parser.getBinaryValue();
                    default -> parser.skipChildren();
                }
            }
            if (parser.nextToken() != null) {
                throw new MalformedTableException("expected one object, found more after it");
            }
        } catch (IOException e) {
            throw new MalformedTableException("expected a signed table in JSON: " + e.getMessage(), e);
        }
        if (table == null || signature == null) {
            throw new MalformedTableException("expected both table and signature");
        }
        return new SignedTable(table, signature);
    }

    /**
     * The table, if the owner of a key signed it.
     *
     * @throws BadSignatureException if somebody else did
     * @throws MalformedTableException if what was signed isn't a table that this version can read
     */
    public TrafficTable verify(PublicKey key) throws BadSignatureException, MalformedTableException {
        try {
            Signature check = Signature.getInstance(SigningKeys.ALGORITHM);
            check.initVerify(key);
            check.update(table);
            if (!check.verify(signature)) {
                throw new BadSignatureException("the table is not signed with the key that this pod knows");
            }
        } catch (SignatureException e) {
            throw new BadSignatureException("expected a signature by Ed25519: " + e.getMessage(), e);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("expected a public key of Ed25519: " + e.getMessage(), e);
        }
        return TableJson.read(table);
    }

    /** Whether another has the same table, to the last byte. */
    public boolean hasSameTable(SignedTable other) {
        return Arrays.equals(table, other.table);
    }

    /** The table's JSON, as it was signed. */
    public byte[] tableJson() {
        return table.clone();
    }
}
