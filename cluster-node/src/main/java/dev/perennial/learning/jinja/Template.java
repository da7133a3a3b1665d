package dev.perennial.learning.jinja;

import java.time.Clock;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A template that was read and may be rendered often. Thread-safe. */
public final class Template {
    private static final int LARGEST_SOURCE = 1 << 20;

    private final Statement body;
    private final Clock clock;
    private final Duration limit;

    private Template(Statement body, Clock clock, Duration limit) {
        this.body = body;
        this.clock = clock;
        this.limit = limit;
    }

    /**
     * @param clock what {@code strftime_now} reads
     * @param limit of the time that one rendering may take; its memory and output are bounded too, see {@link Budget}
     * @throws TemplateException where the template cannot be read or names a tag, filter or test that is not supported
     */
    public static Template read(String source, Clock clock, Duration limit) {
        if (source.length() > LARGEST_SOURCE) {
            throw new TemplateException(
                    "the template has " + source.length() + " characters; at most " + LARGEST_SOURCE + " are allowed");
        }
        return new Template(new StatementParser(source).template(), clock, limit);
    }

    /**
     * @param variables of None, bool, numbers, strings, lists and dicts
     * @throws TemplateException where it fails, exceeds a bound, or calls {@code raise_exception}
     */
    public String render(Map<String, ? extends @Nullable Object> variables) {
        Budget budget = new Budget(limit);
        Scope globals = new Scope(budget);
        functions().forEach(globals::set);
        try {
            variables.forEach((name, value) -> globals.set(name, Values.plain(value)));
            Output out = new Output(budget);
            body.render(globals.inner(), out);
            return out.toString();
        } catch (StackOverflowError e) {
            // Tags, macros and brackets are counted, but a value can hold itself by way of a namespace.
            throw new TemplateException("the template nests values too deep");
        }
    }

    private Map<String, Callable> functions() {
        return Map.of(
                "raise_exception",
                (given, budget) -> {
                    throw new TemplateException(
                            Values.text(given.only("raise_exception", "message").require(0, "message"), budget));
                },
                "strftime_now",
                (given, budget) -> Strftime.format(
                        given.only("strftime_now", "format").text(0, "format"), ZonedDateTime.now(clock)),
                "namespace",
                (given, budget) -> Namespace.of(given),
                "range",
                (given, budget) -> range(given.only("range", "start", "stop", "step"), budget),
                "dict",
                (given, budget) -> dictionary(given));
    }

    private static Object range(Arguments given, Budget budget) {
        boolean one = !given.has(1, "stop");
        long start = one ? 0 : given.integer(0, "start", 0);
        long stop = one ? given.integer(0, "start", 0) : given.integer(1, "stop", 0);
        long step = given.integer(2, "step", 1);
        if (step == 0) {
            throw new TemplateException("the step of a range cannot be zero");
        }
        List<@Nullable Object> numbers = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            budget.list(1);
            if (numbers.size() >= Budget.LARGEST_RANGE) {
                throw new TemplateException("a range has at most " + Budget.LARGEST_RANGE + " numbers");
            }
            numbers.add(i);
        }
        return numbers;
    }

    private static Object dictionary(Arguments given) {
        Map<Object, @Nullable Object> map = new LinkedHashMap<>();
        for (Object source : given.positional()) {
            if (!(source instanceof Map<?, ?> entries)) {
                throw new TemplateException("dict takes a dict and named values, got " + Values.typeName(source));
            }
            entries.forEach(map::put);
        }
        map.putAll(given.named());
        return map;
    }
}
