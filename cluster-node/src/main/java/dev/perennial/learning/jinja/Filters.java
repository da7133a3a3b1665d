package dev.perennial.learning.jinja;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** Jinja2's filters as far as they are supported; any other is refused by name when a template is read. */
final class Filters {
    private static final Map<String, Filter> ALL = all();

    /** Makes one value of another. */
    @FunctionalInterface
    interface Filter {
        @Nullable
        Object apply(@Nullable Object value, Arguments arguments, Budget budget);
    }

    private Filters() {}

    static Filter find(String name) {
        Filter filter = ALL.get(name);
        if (filter == null) {
            throw new TemplateException("the filter '" + name + "' is not supported");
        }
        return filter;
    }

    private static Map<String, Filter> all() {
        Map<String, Filter> all = new HashMap<>();
        all.put("tojson", Json::dump);
        all.put("default", Filters::otherwise);
        all.put("d", Filters::otherwise);
        all.put("length", (value, given, budget) -> Values.length(value));
        all.put("count", (value, given, budget) -> Values.length(value));
        all.put("trim", (value, given, budget) -> onText("strip", value, given.only("trim", "chars"), budget));
        all.put("upper", (value, given, budget) -> onText("upper", value, given, budget));
        all.put("lower", (value, given, budget) -> onText("lower", value, given, budget));
        all.put("capitalize", (value, given, budget) -> onText("capitalize", value, given, budget));
        all.put("title", (value, given, budget) -> Strings.titleOfWords(made(value, given.only("title"), budget)));
        all.put(
                "replace",
                (value, given, budget) -> Methods.replace(
                        made(value, Arguments.NONE, budget), given.only("replace", "old", "new", "count"), budget));
        all.put("string", (value, given, budget) -> Values.text(value, budget));
        all.put("safe", (value, given, budget) -> Values.text(value, budget));
        all.put("join", Filters::joined);
        all.put("indent", Filters::indent);
        all.put("first", (value, given, budget) -> edge(value, true, budget));
        all.put("last", (value, given, budget) -> edge(value, false, budget));
        all.put("list", (value, given, budget) -> Values.items(value, budget));
        all.put("reverse", (value, given, budget) -> Values.slice(value, null, null, -1L, budget));
        all.put("items", (value, given, budget) -> items(value, budget));
        all.put("dictsort", Filters::dictsort);
        all.put("sort", Filters::sort);
        all.put("unique", Filters::unique);
        all.put("min", (value, given, budget) -> extreme(value, given.only("min"), -1, budget));
        all.put("max", (value, given, budget) -> extreme(value, given.only("max"), 1, budget));
        all.put("sum", (value, given, budget) -> reduced(Values.items(value, budget), given.only("sum"), budget));
        all.put("int", (value, given, budget) -> integer(value, given.only("int", "default")));
        all.put("abs", (value, given, budget) -> Values.real(value) < 0 ? Arithmetic.negative(value) : value);
        all.put("map", Filters::map);
        all.put("select", (value, given, budget) -> select(value, given, true, budget));
        all.put("reject", (value, given, budget) -> select(value, given, false, budget));
        all.put("selectattr", (value, given, budget) -> selectByAttribute(value, given, true, budget));
        all.put("rejectattr", (value, given, budget) -> selectByAttribute(value, given, false, budget));
        return Map.copyOf(all);
    }

    private static @Nullable Object otherwise(@Nullable Object value, Arguments given, Budget budget) {
        given.only("default", "default_value", "boolean");
        boolean missing =
                value instanceof Undefined || (Values.truth(given.get(1, "boolean", false)) && !Values.truth(value));
        return missing ? given.get(0, "default_value", "") : value;
    }

    private static String made(@Nullable Object value, Arguments given, Budget budget) {
        given.only("a filter of texts");
        return budget.made(Values.text(value, budget));
    }

    private static @Nullable Object onText(String method, @Nullable Object value, Arguments given, Budget budget) {
        return Objects.requireNonNull(Methods.find(Values.text(value, budget), method))
                .call(given, budget);
    }

    private static String joined(@Nullable Object value, Arguments given, Budget budget) {
        given.only("join", "d", "attribute");
        Object attribute = given.get(1, "attribute", null);
        Object source = attribute == null ? value : ofAttribute(value, attribute, budget);
        return join(source, Values.text(given.get(0, "d", ""), budget), budget, false);
    }

    /** @param strict whether only strings may be joined, as in {@code str.join} */
    static String join(@Nullable Object value, String separator, Budget budget, boolean strict) {
        StringBuilder out = new StringBuilder();
        String before = "";
        for (Object item : Values.items(value, budget)) {
            if (strict && !(item instanceof String)) {
                throw new TemplateException("str.join takes strings, got " + Values.typeName(item));
            }
            String text = Values.text(item, budget);
            budget.text(
                    (long) out.length() + before.length() + text.length() > Budget.LARGEST_TEXT
                            ? Budget.LARGEST_TEXT + 1L
                            : before.length() + text.length());
            out.append(before).append(text);
            before = separator;
        }
        return out.toString();
    }

    private static String indent(@Nullable Object value, Arguments given, Budget budget) {
        given.only("indent", "width", "first", "blank");
        Object width = given.get(0, "width", 4L);
        String margin = width instanceof String text
                ? text
                : Values.text(Arithmetic.apply("*", " ", Math.max(0, Values.integer(width)), budget), budget);
        boolean blank = Values.truth(given.get(2, "blank", false));
        StringBuilder out = new StringBuilder();
        List<Object> lines = Strings.split(Values.text(value, budget), "\n", -1);
        for (int i = 0; i < lines.size(); i++) {
            String line = (String) lines.get(i);
            boolean indented = i == 0 ? Values.truth(given.get(1, "first", false)) : blank || !line.isEmpty();
            budget.text((long) margin.length() + line.length());
            out.append(i == 0 ? "" : "\n").append(indented ? margin : "").append(line);
        }
        return budget.made(out.toString());
    }

    private static @Nullable Object edge(@Nullable Object value, boolean first, Budget budget) {
        List<@Nullable Object> items = Values.items(value, budget);
        return items.isEmpty() ? new Undefined("element of nothing") : items.get(first ? 0 : items.size() - 1);
    }

    private static Object items(@Nullable Object value, Budget budget) {
        Callable method = value instanceof Map ? Methods.find(value, "items") : null;
        if (method == null) {
            throw new TemplateException("the filter items takes a dict, got " + Values.typeName(value));
        }
        return Objects.requireNonNull(method.call(Arguments.NONE, budget));
    }

    private static Object dictsort(@Nullable Object value, Arguments given, Budget budget) {
        given.only("dictsort", "case_sensitive", "by", "reverse");
        boolean exact = Values.truth(given.get(0, "case_sensitive", false));
        Object by = given.get(1, "by", "key");
        long place = Objects.equals(by, "value") ? 1 : 0;
        List<@Nullable Object> entries = Values.items(items(value, budget), budget);
        sort(entries, entry -> folded(Values.subscript(entry, place), exact), given.get(2, "reverse", false), budget);
        return entries;
    }

    private static Object sort(@Nullable Object value, Arguments given, Budget budget) {
        given.only("sort", "reverse", "case_sensitive", "attribute");
        boolean exact = Values.truth(given.get(1, "case_sensitive", false));
        Object attribute = given.get(2, "attribute", null);
        List<@Nullable Object> items = Values.items(value, budget);
        sort(items, item -> folded(path(item, attribute), exact), given.get(0, "reverse", false), budget);
        return items;
    }

    private static void sort(List<@Nullable Object> items, Key key, @Nullable Object reverse, Budget budget) {
        Comparator<@Nullable Object> order = (a, b) -> Values.compare(key.of(a), key.of(b), budget);
        // Python keeps equal elements in their order when it sorts backwards too.
        items.sort(Values.truth(reverse) ? (a, b) -> order.compare(b, a) : order);
    }

    @FunctionalInterface
    private interface Key {
        @Nullable
        Object of(@Nullable Object item);
    }

    private static @Nullable Object folded(@Nullable Object value, boolean exact) {
        return value instanceof String text && !exact ? Strings.lower(text) : value;
    }

    private static Object unique(@Nullable Object value, Arguments given, Budget budget) {
        boolean exact = Values.truth(given.only("unique", "case_sensitive").get(0, "case_sensitive", false));
        List<@Nullable Object> kept = new ArrayList<>();
        for (Object item : Values.items(value, budget)) {
            Object key = folded(item, exact);
            if (kept.stream().noneMatch(other -> Values.equal(folded(other, exact), key, budget))) {
                kept.add(item);
            }
        }
        return Tuple.view(kept);
    }

    private static @Nullable Object extreme(@Nullable Object value, Arguments given, int sign, Budget budget) {
        given.only("min and max");
        BinaryOperator<@Nullable Object> better =
                (a, b) -> sign * Values.compare(folded(b, false), folded(a, false), budget) > 0 ? b : a;
        List<@Nullable Object> items = Values.items(value, budget);
        return items.isEmpty()
                ? new Undefined("extreme of nothing")
                : items.stream().reduce(items.get(0), better);
    }

    private static Object reduced(List<@Nullable Object> items, Arguments given, Budget budget) {
        given.only("sum");
        Object sum = 0L;
        for (Object item : items) {
            sum = Arithmetic.apply("+", sum, item, budget);
        }
        return sum;
    }

    private static @Nullable Object integer(@Nullable Object value, Arguments given) {
        if (value instanceof Double d) {
            return d.longValue();
        } else if (value instanceof String text) {
            try {
                return Long.parseLong(Strings.stripLeft(Strings.stripRight(text)));
            } catch (NumberFormatException e) {
                return given.get(0, "default", 0L);
            }
        }
        return Values.isNumber(value) ? (Object) Values.integer(value) : given.get(0, "default", 0L);
    }

    private static Object map(@Nullable Object value, Arguments given, Budget budget) {
        List<@Nullable Object> made = new ArrayList<>();
        if (given.named().containsKey("attribute")) {
            for (Object item : Values.items(value, budget)) {
                Object part = path(item, given.named().get("attribute"));
                made.add(
                        part instanceof Undefined && given.named().containsKey("default")
                                ? given.named().get("default")
                                : part);
            }
        } else {
            Filter filter = find(given.text(0, "filter"));
            Arguments rest = rest(given, 1);
            for (Object item : Values.items(value, budget)) {
                made.add(filter.apply(item, rest, budget));
            }
        }
        return Tuple.view(made);
    }

    private static Object ofAttribute(@Nullable Object value, @Nullable Object attribute, Budget budget) {
        List<@Nullable Object> made = new ArrayList<>();
        for (Object item : Values.items(value, budget)) {
            made.add(path(item, attribute));
        }
        return made;
    }

    /** {@code a.b.0} of an item; the item itself for None. */
    private static @Nullable Object path(@Nullable Object item, @Nullable Object attribute) {
        if (!(attribute instanceof String names)) {
            return attribute == null ? item : Values.subscript(item, attribute);
        }
        Object value = item;
        for (Object name : Strings.split(names, ".", -1)) {
            String part = (String) name;
            boolean place = !part.isEmpty() && part.chars().allMatch(c -> c >= '0' && c <= '9');
            value = Values.subscript(value, place ? (Object) Long.parseLong(part) : part);
        }
        return value;
    }

    private static Object select(@Nullable Object value, Arguments given, boolean wanted, Budget budget) {
        return selected(value, given, 0, null, wanted, budget);
    }

    private static Object selectByAttribute(@Nullable Object value, Arguments given, boolean wanted, Budget budget) {
        return selected(value, given, 1, given.require(0, "attribute"), wanted, budget);
    }

    private static Object selected(
            @Nullable Object value,
            Arguments given,
            int place,
            @Nullable Object attribute,
            boolean wanted,
            Budget budget) {
        Tests.Test test = given.positional().size() > place
                ? Tests.find(given.text(place, "test"))
                : (item, arguments, limit) -> Values.truth(item);
        Arguments rest = rest(given, place + 1);
        List<@Nullable Object> kept = new ArrayList<>();
        for (Object item : Values.items(value, budget)) {
            if (test.holds(path(item, attribute), rest, budget) == wanted) {
                kept.add(item);
            }
        }
        return Tuple.view(kept);
    }

    private static Arguments rest(Arguments given, int from) {
        int size = given.positional().size();
        return new Arguments(given.positional().subList(Math.min(from, size), size), given.named());
    }
}
