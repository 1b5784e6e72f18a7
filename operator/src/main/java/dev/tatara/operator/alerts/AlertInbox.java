package dev.tatara.operator.alerts;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Takes posts: reads their alerts, finds the policies that they are about, and has them kept. */
final class AlertInbox {
    /** The label by which an alert belongs to a namespace, and so to its policies. */
    static final String NAMESPACE = "namespace";

    private static final Pattern NAMESPACE_NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final int MAX_NAMESPACES = 500;

    private final Policies policies;
    private final Set<String> namespaces;
    private final int maxAlerts;

    /** Policies, and what they know of alerts. */
    interface Policies {
        /** The policies of a namespace. */
        List<Watch> watches(String namespace);

        /** Returns when the news are kept for good, or needn't be. */
        void keep(Watch watch, Collection<AlertNews> news);
    }

    /**
     * What became of a post.
     *
     * @param firing alerts that fire
     * @param resolved alerts that ended
     * @param matched alerts that a policy waits for, once for each such policy
     */
    record Receipt(int firing, int resolved, int matched) {}

    /**
     * Nothing is asked for yet.
     *
     * @param namespaces those that the operator works in; all where it is empty
     * @param maxAlerts alerts that a post may have
     */
    AlertInbox(Policies policies, Set<String> namespaces, int maxAlerts) {
        this.policies = policies;
        this.namespaces = Set.copyOf(namespaces);
        this.maxAlerts = maxAlerts;
    }

    /** Returns when the API server holds everything that somebody waits for. */
    Receipt take(InputStream body) throws IOException, RefusedPost {
        var sorted = new Sorted();
        var count = AlertReader.read(body, maxAlerts, sorted::add);
        sorted.news.forEach(policies::keep);
        return new Receipt(sorted.firing, count - sorted.firing, sorted.matched);
    }

    /** The alerts of a post by the policies that they are about. Others are counted and forgotten. */
    private final class Sorted {
        private final Map<String, List<Watch>> watches = new HashMap<>();
        private final IdentityHashMap<Watch, List<AlertNews>> news = new IdentityHashMap<>();
        private int firing;
        private int matched;

        void add(AlertNews alert) throws RefusedPost {
            firing += alert.isFiring() ? 1 : 0;
            var namespace = alert.label(NAMESPACE);
            if (!NAMESPACE_NAME.matcher(namespace).matches()
                    || (!namespaces.isEmpty() && !namespaces.contains(namespace))) {
                return;
            }
            if (!watches.containsKey(namespace) && watches.size() == MAX_NAMESPACES) {
                throw RefusedPost.tooLarge("expected alerts of at most " + MAX_NAMESPACES
                        + " namespaces in a post, found more: group them by namespace");
            }
            for (var watch : watches.computeIfAbsent(namespace, policies::watches)) {
                if (watch.concerns(alert)) {
                    if (++matched > 2 * maxAlerts) {
                        throw RefusedPost.tooLarge("the alerts of the post concern too many policies: set max_alerts"
                                + " in the receiver's webhook_configs, or group them by namespace");
                    }
                    news.computeIfAbsent(watch, first -> new ArrayList<>())
                            // All that is needed from here on; the labels may be long.
                            .add(new AlertNews(
                                    alert.fingerprint(),
                                    alert.isFiring(),
                                    alert.startsAt(),
                                    alert.endsAt(),
                                    Map.of("alertname", alert.label("alertname"))));
                }
            }
        }
    }
}
