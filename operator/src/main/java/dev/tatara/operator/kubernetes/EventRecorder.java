package dev.tatara.operator.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jboss.logging.Logger;

/**
 * Publishes events. The name of an event follows from what it says and of which object, so that a reconciler that says
 * the same twice (because it was killed before it could note that it had) leaves one event.
 */
public final class EventRecorder {
    private static final Logger LOG = Logger.getLogger(EventRecorder.class);
    private static final DateTimeFormatter MICRO_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final int MAX_NOTE = 1024;

    private final KubernetesClient client;
    private final InstantSource clock;
    private final String instance;

    public EventRecorder(KubernetesClient client, InstantSource clock, String instance) {
        this.client = client;
        this.clock = clock;
        this.instance = instance;
    }

    /** Publishes news about {@code object}. */
    public void publish(HasMetadata object, Iterable<? extends News.Notice<?>> news) {
        news.forEach(notice -> publish(object, notice.event(), notice.note(), notice.occasion()));
    }

    /**
     * Publishes one event about {@code object}.
     *
     * @param occasion tells two occurrences of the same event apart, for example the revision or the attempt
     */
    public void publish(HasMetadata object, EventReason reason, String note, String occasion) {
        var metadata = object.getMetadata();
        var shortNote = note.length() <= MAX_NOTE ? note : note.substring(0, MAX_NOTE - 1) + "…";
        var name = metadata.getName() + "." + Digests.of(metadata.getUid() + reason.name() + shortNote + occasion, 16);
        var event = new EventBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(metadata.getNamespace())
                .endMetadata()
                .withEventTime(new MicroTime(MICRO_TIME.format(clock.instant())))
                .withType(reason.type())
                .withReason(reason.name())
                .withAction(reason.action())
                .withNote(shortNote)
                .withReportingController(Labels.GROUP + "/operator")
                .withReportingInstance(instance)
                .withRegarding(new ObjectReferenceBuilder()
                        .withApiVersion(object.getApiVersion())
                        .withKind(object.getKind())
                        .withName(metadata.getName())
                        .withNamespace(metadata.getNamespace())
                        .withUid(metadata.getUid())
                        .build())
                .build();
        try {
            client.resource(event).create();
        } catch (KubernetesClientException e) {
            // An event is news, not state: that it can't be told must not stop the work it tells about.
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                LOG.warnf(
                        "event %s for %s/%s not published: %s", reason, metadata.getNamespace(), name, e.getMessage());
            }
        }
    }
}
