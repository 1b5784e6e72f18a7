package dev.tatara.operator.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DesiredStateTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest(name = "{0}: {1} in {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            what the server adds is its own   | {"a":1}                               | {"a":1,"b":2}                        | true
            a value somebody changed          | {"a":1}                               | {"a":2}                              | false
            a field somebody removed          | {"a":1}                               | {}                                   | false
            null means nothing is desired     | {"a":null}                            | {}                                   | true
            the server drops what is empty    | {"env":[{"name":"A","value":""}]}     | {"env":[{"name":"A"}]}               | true
            lists are compared by position    | {"a":[{"n":1},{"n":2}]}               | {"a":[{"n":1,"d":0},{"n":2}]}        | true
            an element somebody added         | {"a":[{"n":1}]}                       | {"a":[{"n":1},{"n":2}]}              | false
            quantities compare by amount      | {"limits":{"cpu":"1000m"}}            | {"limits":{"cpu":"1"}}               | true
            quantities that differ            | {"limits":{"memory":"1Gi"}}           | {"limits":{"memory":"1G"}}           | false
            size limits are quantities        | {"emptyDir":{"sizeLimit":"1024Mi"}}   | {"emptyDir":{"sizeLimit":"1Gi"}}     | true
            other texts aren't quantities     | {"env":[{"name":"A","value":"1000m"}]}| {"env":[{"name":"A","value":"1"}]}   | false
            numbers and their texts           | {"port":80}                           | {"port":80}                          | true
            an object where a text was wanted | {"a":"x"}                             | {"a":{"x":1}}                        | false
            """)
    void comparesWhatIsDesiredWithWhatIsThere(String what, String desired, String actual, boolean met)
            throws JsonProcessingException {
        assertThat(DesiredState.isMet(JSON.readTree(desired), JSON.readTree(actual)))
                .as(what)
                .isEqualTo(met);
    }
}
