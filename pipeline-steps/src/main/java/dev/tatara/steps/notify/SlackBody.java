package dev.tatara.steps.notify;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A message in the form of Slack's incoming webhooks: {@code text} for notifications and for what understands no more,
 * {@code blocks} (Block Kit) for the channel. Slack refuses what is longer than its bounds, so everything is cut to them.
 */
final class SlackBody {
    private static final int HEADER_LENGTH = 150;
    private static final int SECTION_LENGTH = 3000;
    private static final int FIELD_LENGTH = 2000;
    private static final int FIELDS = 10;
    private static final int LINKS = 10;

    private static final List<String> NAMED = List.of("namespace", "service", "policy", "action", "reason");

    private SlackBody() {}

    static ObjectNode of(Message message, String id) {
        var title = message.text("title");
        var facts = facts(message);
        var body = JsonNodeFactory.instance.objectNode();
        body.put(
                "text",
                cut(
                        escaped(Stream.of(title, message.text("text"), line(facts))
                                .filter(part -> !part.isEmpty())
                                .collect(Collectors.joining("\n"))),
                        SECTION_LENGTH));
        var blocks = body.putArray("blocks");
        blocks.addObject()
                .put("type", "header")
                .putObject("text")
                .put("type", "plain_text")
                .put("text", cut(title, HEADER_LENGTH));
        if (!message.text("text").isEmpty()) {
            section(blocks, escaped(message.text("text")));
        }
        if (!facts.isEmpty()) {
            var fields = blocks.addObject().put("type", "section").putArray("fields");
            facts.entrySet().stream()
                    .limit(FIELDS)
                    .forEach(fact -> fields.add(
                            marked("*" + escaped(fact.getKey()) + "*\n" + escaped(fact.getValue()), FIELD_LENGTH)));
        }
        var links = links(message);
        if (!links.isEmpty()) {
            section(blocks, String.join("  ", links));
        }
        blocks.addObject()
                .put("type", "context")
                .putArray("elements")
                .add(marked(
                        escaped(Stream.of(message.text("severity"), message.text("at"), id)
                                .filter(part -> !part.isEmpty())
                                .collect(Collectors.joining(" · "))),
                        FIELD_LENGTH));
        return body;
    }

    private static Map<String, String> facts(Message message) {
        var facts = new LinkedHashMap<String, String>();
        NAMED.forEach(name -> facts.put(name, message.text(name)));
        message.json()
                .path("facts")
                .properties()
                .forEach(fact -> facts.put(fact.getKey(), Message.text(fact.getValue())));
        facts.values().removeIf(String::isEmpty);
        return facts;
    }

    private static String line(Map<String, String> facts) {
        return facts.entrySet().stream()
                .map(fact -> fact.getKey() + ": " + fact.getValue())
                .collect(Collectors.joining(", "));
    }

    private static List<String> links(Message message) {
        return StreamSupport.stream(message.json().path("links").spliterator(), false)
                .limit(LINKS)
                .map(link -> link(Message.text(link.path("title")), Message.text(link.path("url"))))
                .filter(Objects::nonNull)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private static String link(String title, String url) {
        if (!url.startsWith("https://") && !url.startsWith("http://")) {
            return url.isEmpty() ? null : escaped(title + " " + url);
        }
        var target = escaped(url).replace("|", "%7C");
        return title.isEmpty()
                ? "<" + target + ">"
                : "<" + target + "|" + escaped(title).replace("|", " ") + ">";
    }

    private static void section(ArrayNode blocks, String text) {
        blocks.addObject().put("type", "section").set("text", marked(text, SECTION_LENGTH));
    }

    private static ObjectNode marked(String text, int length) {
        return JsonNodeFactory.instance.objectNode().put("type", "mrkdwn").put("text", cut(text, length));
    }

    /** Slack takes these three for markup. */
    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length - 1) + "…";
    }
}
