package dev.tatara.api.v1alpha1.featureview;

import dev.tatara.api.v1alpha1.common.Absent;
import dev.tatara.api.v1alpha1.common.ApiEnum;
import dev.tatara.api.v1alpha1.common.ApiType;
import dev.tatara.api.v1alpha1.common.Grammar;
import dev.tatara.api.v1alpha1.common.LocalReference;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;

/**
 * Where raw rows come from: files, a database or an HTTP service.
 *
 * @param uri Files: s3://, https:// or pvc://, with * for any part of a name.
 * @param format Format of the files. By the name's ending where absent.
 * @param secretRef Secret with credentials for uri; the keys are those of a ModelVersion's source.
 * @param jdbc A database, in place of uri.
 * @param http An HTTP service, in place of uri.
 * @param timestampColumn Column with the time at which a row became true.
 * @param createdTimestampColumn Column with the time at which a row was written; of two rows for the same time the one
 *     written later counts.
 * @param fieldMapping Names of columns, by the names they have in the source.
 * @param sql Transformation in SQL over the table source.
 */
@ApiType
@ValidationRule(
        value = "[has(self.uri), has(self.jdbc), has(self.http)].filter(present, present).size() == 1",
        message = "expected exactly one of uri (files), jdbc (a database) and http (a service)")
public record Source(
        @Size(min = 1, max = Grammar.URI_LENGTH) @Pattern("^(s3|https|pvc)://.+$")
        String uri,

        Format format,
        LocalReference secretRef,
        Jdbc jdbc,
        Http http,

        @Required @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
        String timestampColumn,

        @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) @Pattern(Grammar.IDENTIFIER)
        String createdTimestampColumn,

        @Size(max = 1024) Map<String, @Size(min = 1, max = Grammar.IDENTIFIER_LENGTH) String> fieldMapping,
        @Size(min = 1, max = 65_536) String sql) {
    public Source {
        fieldMapping = Absent.orCopy(fieldMapping);
    }

    /** Format of rows. */
    @ApiEnum
    public enum Format {
        Parquet,
        Csv,
        Json
    }

    /**
     * A database.
     *
     * @param url JDBC URL, of PostgreSQL or MySQL.
     * @param query Query whose rows are the source; {{start}} and {{end}} stand for the interval to read.
     * @param secretRef Secret with username and password.
     */
    @ApiType
    public record Jdbc(
            @Required @Size(min = 1, max = Grammar.URI_LENGTH) @Pattern("^jdbc:(postgresql|mysql)://.+$")
            String url,

            @Required @Size(min = 1, max = 65_536) String query,
            LocalReference secretRef) {}

    /**
     * An HTTP service.
     *
     * @param url URL that answers with rows; {{start}} and {{end}} stand for the interval to read.
     * @param format Format of the answer. Json where absent.
     * @param headers Headers of the request; secrets belong into secretRef.
     * @param paging How the next page is found.
     * @param secretRef Secret with token, or username and password, and ca.crt where needed.
     */
    @ApiType
    public record Http(
            @Required @Size(min = 1, max = Grammar.URI_LENGTH) @Pattern("^https?://.+$")
            String url,

            Format format,
            @Size(max = 32) Map<String, @Size(max = 1024) String> headers,
            Paging paging,
            LocalReference secretRef) {
        public Http {
            headers = Absent.orCopy(headers);
        }
    }

    /**
     * How the next page of an HTTP service is found.
     *
     * @param rowsPath Path of the rows in the answer, with dots: data.items. The answer itself where absent.
     * @param nextPath Path of the next page's URL or token in the answer, with dots.
     * @param parameter Query parameter that takes the token, where nextPath gives one.
     * @param maxPages Most pages to read at a time.
     */
    @ApiType
    public record Paging(
            @Size(min = 1, max = 256) String rowsPath,
            @Size(min = 1, max = 256) String nextPath,
            @Size(min = 1, max = 128) String parameter,
            @Min(1) @Max(1_000_000) Integer maxPages) {}
}
