package dev.tatara.operator.inferenceservice.traffic;

import dev.tatara.operator.kubernetes.Labels;
import dev.tatara.traffic.BadSignatureException;
import dev.tatara.traffic.MalformedTableException;
import dev.tatara.traffic.SignedTable;
import dev.tatara.traffic.SigningKeys;
import dev.tatara.traffic.TrafficTable;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.Base64;
import java.util.Optional;

/**
 * The key that traffic tables are signed with. It lies in a Secret of the operator's own namespace, where the replica
 * that comes first puts it; pods are given its public half.
 */
public final class TrafficKey {
    static final String PRIVATE = "private.key";
    static final String PUBLIC = "public.key";

    private final KeyPair pair;

    private TrafficKey(KeyPair pair) {
        this.pair = pair;
    }

    /** A key of nobody else's. */
    public static TrafficKey generate() {
        return new TrafficKey(SigningKeys.generate());
    }

    /** The key in a Secret, which is made if it isn't there. */
    public static TrafficKey in(KubernetesClient client, String namespace, String secret) {
        var secrets = client.secrets().inNamespace(namespace);
        var found = secrets.withName(secret).get();
        if (found == null) {
            var made = generate();
            try {
                secrets.resource(made.toSecret(namespace, secret)).create();
                return made;
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    throw e;
                }
                found = secrets.withName(secret).require();
            }
        }
        return read(found);
    }

    /** The public half, as pods are given it. */
    public String publicText() {
        return SigningKeys.text(pair.getPublic());
    }

    SignedTable sign(TrafficTable table) {
        return SignedTable.sign(table, pair.getPrivate());
    }

    /** The table in a document; empty where the document isn't one, or isn't signed with this key. */
    public Optional<TrafficTable> verified(String document) {
        try {
            return Optional.of(
                    SignedTable.parse(document.getBytes(StandardCharsets.UTF_8)).verify(pair.getPublic()));
        } catch (MalformedTableException | BadSignatureException e) {
            return Optional.empty();
        }
    }

    private Secret toSecret(String namespace, String name) {
        return new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .addToLabels("app.kubernetes.io/part-of", "tatara")
                .addToLabels(Labels.MANAGED_BY, Labels.FIELD_MANAGER)
                .endMetadata()
                .withType("Opaque")
                .addToStringData(PRIVATE, SigningKeys.text(pair.getPrivate()))
                .addToStringData(PUBLIC, SigningKeys.text(pair.getPublic()))
                .build();
    }

    private static TrafficKey read(Secret secret) {
        try {
            return new TrafficKey(new KeyPair(
                    SigningKeys.publicKey(value(secret, PUBLIC)), SigningKeys.privateKey(value(secret, PRIVATE))));
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "Secret " + secret.getMetadata().getNamespace() + "/"
                            + secret.getMetadata().getName() + ": " + e.getMessage()
                            + "; delete it and restart the operator, which makes another (serving pods restart one"
                            + " after the other then)",
                    e);
        }
    }

    private static String value(Secret secret, String key) {
        var value = secret.getData() == null ? null : secret.getData().get(key);
        if (value == null) {
            throw new IllegalArgumentException("expected a key " + key + ", found none");
        }
        return new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8);
    }
}
