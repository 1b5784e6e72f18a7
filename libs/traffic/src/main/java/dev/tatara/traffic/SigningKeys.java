package dev.tatara.traffic;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/** Keys that tables are signed with: Ed25519, as text the base64 of PKCS #8 (private) and X.509 (public). */
public final class SigningKeys {
    static final String ALGORITHM = "Ed25519";

    private SigningKeys() {}

    /** A new pair. */
    public static KeyPair generate() {
        try {
            return KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " is missing in this Java", e);
        }
    }

    /** A key as text. */
    public static String text(Key key) {
        return Base64.getEncoder().encodeToString(key.getEncoded());
    }

    /**
     * The public key of a text.
     *
     * @throws IllegalArgumentException if it isn't one
     */
    public static PublicKey publicKey(String text) {
        try {
            return KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(decoded(text)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("expected a public key (Ed25519, X.509, base64): " + e.getMessage(), e);
        }
    }

    /**
     * The private key of a text.
     *
     * @throws IllegalArgumentException if it isn't one; the message doesn't show it
     */
    public static PrivateKey privateKey(String text) {
        try {
            return KeyFactory.getInstance(ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(decoded(text)));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("expected a private key (Ed25519, PKCS #8, base64)", e);
        }
    }

    private static byte[] decoded(String text) {
        try {
            return Base64.getDecoder().decode(text.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("expected a key in base64", e);
        }
    }
}
