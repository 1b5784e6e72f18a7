package dev.tatara.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tatara.traffic.TrafficTable.Entry;
import dev.tatara.traffic.TrafficTable.HeaderMatch;
import dev.tatara.traffic.TrafficTable.Shadow;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SignedTableTest {
    /** RFC 8032, 7.1, TEST 1; with the prefixes of PKCS #8 and X.509 (RFC 8410). */
    private static final String PRIVATE = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";

    private static final String PUBLIC = "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    private static final String SIGNATURE =
            "brH3q0LwZVC+tzrw6xGMon5PIREgumjtU8ms/Zrg9yAsIhbMWSDaxccHx+7i9J7eR7vZs/iy02zMLNCSREwhAQ==";

    private static final TrafficTable CANARY = new TrafficTable(
            TrafficTable.SCHEMA_VERSION,
            "5e3c1f0a-7b1d-4f0e-9a55-2f5d0c1b7e10",
            42,
            "churn-55ab",
            List.of(
                    new Entry("55ab12cd", 25, false, List.of("10.244.1.7:8083")),
                    new Entry("7d9f34ef", 75, false, List.of("10.244.1.5:8083", "10.244.2.9:8083"))),
            List.of(new HeaderMatch("x-canary", "true", "55ab12cd")),
            "x-user-id",
            new Shadow("55ab12cd", 20, 1e-5),
            10);

    private static final String CANARY_JSON = """
        {"schemaVersion":1,"service":"5e3c1f0a-7b1d-4f0e-9a55-2f5d0c1b7e10","generation":42,"salt":"churn-55ab",\
        "entries":[{"revision":"55ab12cd","weight":25,"closed":false,"peers":["10.244.1.7:8083"]},\
        {"revision":"7d9f34ef","weight":75,"closed":false,"peers":["10.244.1.5:8083","10.244.2.9:8083"]}],\
        "match":[{"header":"x-canary","value":"true","revision":"55ab12cd"}],"stickyHeader":"x-user-id",\
        "shadow":{"revision":"55ab12cd","percent":20,"tolerance":1.0E-5},"bucketSeconds":10}\
        """;

    private static SignedTable signed(TrafficTable table) {
        return SignedTable.sign(table, SigningKeys.privateKey(PRIVATE));
    }

    private static byte[] document(String table, String signature) {
        return ("{\"table\":\"" + table + "\",\"signature\":\"" + signature + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void theBytesOfATable() {
        assertThat(new String(signed(CANARY).tableJson(), StandardCharsets.UTF_8))
                .isEqualTo(CANARY_JSON);
    }

    /** The signature is what OpenSSL makes of the same bytes with the same key. */
    @Test
    void theBytesOfADocument() {
        String table = Base64.getEncoder().encodeToString(CANARY_JSON.getBytes(StandardCharsets.UTF_8));
        assertThat(new String(signed(CANARY).toJson(), StandardCharsets.UTF_8))
                .isEqualTo("{\"table\":\"" + table + "\",\"signature\":\"" + SIGNATURE + "\"}");
    }

    @Test
    void whatWasSignedIsReadAgain() throws Exception {
        SignedTable read = SignedTable.parse(signed(CANARY).toJson());
        assertThat(read.verify(SigningKeys.publicKey(PUBLIC))).isEqualTo(CANARY);
        assertThat(read.hasSameTable(signed(CANARY))).isTrue();
        TrafficTable answered = CANARY.whereDividedBefore();
        assertThat(SignedTable.parse(signed(answered).toJson()).verify(SigningKeys.publicKey(PUBLIC)))
                .isEqualTo(answered)
                .isNotEqualTo(CANARY);
        TrafficTable plain = Tables.of(List.of(Tables.entry("a", 100)));
        assertThat(SignedTable.parse(signed(plain).toJson()).verify(SigningKeys.publicKey(PUBLIC)))
                .isEqualTo(plain);
        assertThat(read.hasSameTable(signed(plain))).isFalse();
    }

    @Test
    void keysAreTexts() throws Exception {
        KeyPair keys = SigningKeys.generate();
        SignedTable signed = SignedTable.sign(CANARY, SigningKeys.privateKey(SigningKeys.text(keys.getPrivate())));
        assertThat(signed.verify(SigningKeys.publicKey(SigningKeys.text(keys.getPublic()) + "\n")))
                .isEqualTo(CANARY);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SigningKeys.publicKey("!"))
                .withMessageContaining("base64");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SigningKeys.privateKey(PUBLIC))
                .withMessage("expected a private key (Ed25519, PKCS #8, base64)");
    }

    @Test
    void anothersSignatureIsRefused() {
        SignedTable foreign = SignedTable.sign(CANARY, SigningKeys.generate().getPrivate());
        assertThatExceptionOfType(BadSignatureException.class)
                .isThrownBy(() -> foreign.verify(SigningKeys.publicKey(PUBLIC)));
    }

    @Property(tries = 200)
    void aChangedBitIsRefused(@ForAll @IntRange(max = 7) int bit, @ForAll long seed) throws Exception {
        byte[] table = CANARY_JSON.getBytes(StandardCharsets.UTF_8);
        table[new Random(seed).nextInt(table.length)] ^= (byte) (1 << bit);
        String json = new String(signed(CANARY).toJson(), StandardCharsets.UTF_8);
        String signature = json.substring(json.indexOf("signature\":\"") + 12, json.length() - 2);
        SignedTable changed = SignedTable.parse(document(Base64.getEncoder().encodeToString(table), signature));
        assertThatExceptionOfType(BadSignatureException.class)
                .isThrownBy(() -> changed.verify(SigningKeys.publicKey(PUBLIC)));
    }

    @Test
    void signaturesOfOddLengthsAreRefused() throws Exception {
        SignedTable odd = SignedTable.parse(document("e30=", "AAAA"));
        assertThatExceptionOfType(BadSignatureException.class)
                .isThrownBy(() -> odd.verify(SigningKeys.publicKey(PUBLIC)));
    }

    @Test
    void whatIsNoDocumentIsMalformed() {
        for (String text : List.of(
                "",
                "[]",
                "{",
                "{}",
                "null",
                "{\"table\":\"e30=\"}",
                "{\"table\":1,\"signature\":\"AA==\"}",
                "{\"table\":\"*\",\"signature\":\"AA==\"}",
                "{\"table\":\"\",\"signature\":\"\"} {}")) {
            assertThatExceptionOfType(MalformedTableException.class)
                    .as(text)
                    .isThrownBy(() -> SignedTable.parse(text.getBytes(StandardCharsets.UTF_8)));
        }
        assertThatExceptionOfType(MalformedTableException.class)
                .isThrownBy(() -> SignedTable.parse(new byte[SignedTable.MOST_BYTES + 1]))
                .withMessageContaining("1048576");
    }

    @Test
    void whatIsNoTableIsMalformed() {
        for (String text : List.of(
                "",
                "1",
                "[]",
                "{}",
                "{",
                CANARY_JSON.replace(":25,", ":26,"),
                CANARY_JSON.replace("\"weight\":25", "\"weight\":\"25\""),
                CANARY_JSON.replace("\"schemaVersion\":1", "\"schemaVersion\":2"),
                CANARY_JSON.replace("\"salt\":\"churn-55ab\",", ""),
                CANARY_JSON.replace(":42", ":99999999999999999999"))) {
            assertThatExceptionOfType(MalformedTableException.class)
                    .as(text)
                    .isThrownBy(() -> TableJson.read(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    @Test
    void whatALaterVersionAddsIsLeftAside() throws Exception {
        String later = CANARY_JSON
                .replace("\"salt\"", "\"more\":{\"a\":[1,{}]},\"salt\"")
                .replace("\"closed\"", "\"zone\":\"a\",\"closed\"");
        assertThat(TableJson.read(later.getBytes(StandardCharsets.UTF_8))).isEqualTo(CANARY);
    }

    @Test
    void whatIsTooLargeIsNotSigned() {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < TrafficTable.MOST_ENTRIES; i++) {
            String host = "h".repeat(100);
            entries.add(new Entry(
                    "r" + i,
                    i == 0 ? 100 : 0,
                    false,
                    java.util.Collections.nCopies(TrafficTable.MOST_PEERS, host + ":8083")));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> signed(Tables.of(entries)))
                .withMessageContaining("1048576 bytes");
    }
}
