package dev.perennial.learning.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Methods of Python's str, list and dict. Those that change a value are refused, as transformers' sandbox does. */
final class Methods {
    private static final Set<String> OF_STRINGS = Set.of(
            "strip",
            "lstrip",
            "rstrip",
            "startswith",
            "endswith",
            "split",
            "rsplit",
            "splitlines",
            "upper",
            "lower",
            "title",
            "capitalize",
            "replace",
            "find",
            "rfind",
            "count",
            "join",
            "removeprefix",
            "removesuffix",
            "isdigit",
            "isspace");
    private static final Set<String> OTHERS_OF_STRINGS = Set.of(
            "casefold",
            "center",
            "encode",
            "expandtabs",
            "format",
            "format_map",
            "index",
            "isalnum",
            "isalpha",
            "isascii",
            "isdecimal",
            "isidentifier",
            "islower",
            "isnumeric",
            "isprintable",
            "istitle",
            "isupper",
            "ljust",
            "maketrans",
            "partition",
            "rindex",
            "rjust",
            "rpartition",
            "swapcase",
            "translate",
            "zfill");
    private static final Set<String> OF_DICTS = Set.of("get", "items", "keys", "values");
    private static final Set<String> OTHERS_OF_DICTS =
            Set.of("clear", "copy", "fromkeys", "pop", "popitem", "setdefault", "update");
    private static final Set<String> OF_LISTS = Set.of("index", "count");
    private static final Set<String> OTHERS_OF_LISTS =
            Set.of("append", "clear", "copy", "extend", "insert", "pop", "remove", "reverse", "sort");

    private Methods() {}

    /** The method of that name, or null where Python has none either. */
    static @Nullable Callable find(@Nullable Object target, String name) {
        if (target instanceof String text) {
            return found(name, OF_STRINGS, OTHERS_OF_STRINGS, "str")
                    ? (arguments, budget) -> ofString(text, name, arguments, budget)
                    : null;
        } else if (target instanceof Map<?, ?> map) {
            return found(name, OF_DICTS, OTHERS_OF_DICTS, "dict")
                    ? (arguments, budget) -> ofDict(map, name, arguments, budget)
                    : null;
        } else if (target instanceof List<?> list) {
            return found(name, OF_LISTS, OTHERS_OF_LISTS, "list")
                    ? (arguments, budget) -> ofList(list, name, arguments, budget)
                    : null;
        }
        return null;
    }

    private static boolean found(String name, Set<String> supported, Set<String> others, String type) {
        if (others.contains(name)) {
            throw new TemplateException("the method " + type + "." + name + " is not supported");
        }
        return supported.contains(name);
    }

    private static @Nullable Object ofString(String text, String name, Arguments given, Budget budget) {
        budget.charge(1 + text.length());
        return switch (name) {
            case "strip", "lstrip", "rstrip" -> strip(text, name, given.only(name, "chars"), budget);
            case "startswith", "endswith" -> affix(text, name.equals("startswith"), given.only(name, "prefix"));
            case "split", "rsplit" -> split(text, name.equals("split"), given.only(name, "sep", "maxsplit"), budget);
            case "splitlines" -> {
                given.only(name);
                yield listed(Strings.lines(text), budget);
            }
            case "upper" -> Strings.upper(text);
            case "lower" -> Strings.lower(text);
            case "title" -> Strings.title(text);
            case "capitalize" -> Strings.capitalize(text);
            case "replace" -> replace(text, given.only(name, "old", "new", "count"), budget);
            case "find", "rfind" ->
                find(text, name.equals("find"), given.only(name, "sub").text(0, "sub"), budget);
            case "count" -> {
                String sought = given.only(name, "sub").text(0, "sub");
                budget.search(text, sought);
                yield sought.isEmpty() ? Values.length(text) + 1 : Strings.count(text, sought);
            }
            case "join" -> Filters.join(given.only(name, "iterable").require(0, "iterable"), text, budget, true);
            case "removeprefix" -> {
                String prefix = given.only(name, "prefix").text(0, "prefix");
                yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
            }
            case "removesuffix" -> {
                String suffix = given.only(name, "suffix").text(0, "suffix");
                yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
            }
            case "isdigit" -> !text.isEmpty() && text.codePoints().allMatch(Character::isDigit);
            case "isspace" -> Strings.isSpace(text);
            default -> throw new AssertionError(name);
        };
    }

    private static String strip(String text, String name, Arguments given, Budget budget) {
        String characters = given.get(0, "chars", null) == null ? null : given.text(0, "chars");
        if (characters != null) {
            budget.search(text, characters);
        }
        String left = name.equals("rstrip")
                ? text
                : characters == null ? Strings.stripLeft(text) : Strings.stripLeft(text, characters);
        return name.equals("lstrip")
                ? left
                : characters == null ? Strings.stripRight(left) : Strings.stripRight(left, characters);
    }

    private static boolean affix(String text, boolean start, Arguments given) {
        Object affix = given.require(0, "prefix");
        for (Object one : affix instanceof Tuple tuple ? tuple : List.of(given.text(0, "prefix"))) {
            if (!(one instanceof String part)) {
                throw new TemplateException("startswith and endswith take strings, got " + Values.typeName(one));
            } else if (start ? text.startsWith(part) : text.endsWith(part)) {
                return true;
            }
        }
        return false;
    }

    private static List<Object> split(String text, boolean left, Arguments given, Budget budget) {
        long most = given.integer(1, "maxsplit", -1);
        if (given.get(0, "sep", null) == null) {
            if (!left && most >= 0) {
                throw new TemplateException("rsplit at blanks with a bound is not supported");
            }
            return listed(Strings.splitAtSpace(text, most), budget);
        }
        String separator = given.text(0, "sep");
        if (separator.isEmpty()) {
            throw new TemplateException("cannot split at an empty text");
        }
        budget.search(text, separator);
        return listed(
                left ? Strings.split(text, separator, most) : Strings.splitFromRight(text, separator, most), budget);
    }

    static String replace(String text, Arguments given, Budget budget) {
        String old = given.text(0, "old");
        String replacement = given.text(1, "new");
        budget.search(text, old);
        long growth = Math.max(0, replacement.length() - old.length());
        budget.text(text.length() + (old.isEmpty() || growth == 0 ? 0 : Strings.count(text, old) * growth));
        Object most = given.get(2, "count", null);
        return Strings.replace(text, old, replacement, most == null ? -1 : Values.integer(most));
    }

    private static long find(String text, boolean left, String sought, Budget budget) {
        budget.search(text, sought);
        int at = left ? text.indexOf(sought) : text.lastIndexOf(sought);
        return at < 0 ? -1 : text.codePointCount(0, at);
    }

    private static @Nullable Object ofDict(Map<?, ?> map, String name, Arguments given, Budget budget) {
        if (name.equals("get")) {
            Object key = Values.key(given.only(name, "key", "default").require(0, "key"));
            return map.containsKey(key) ? map.get(key) : given.get(1, "default", null);
        }
        given.only(name);
        budget.list(map.size());
        List<@Nullable Object> items = new ArrayList<>();
        map.forEach((key, value) ->
                items.add(name.equals("items") ? Tuple.pair(key, value) : name.equals("keys") ? key : value));
        return Tuple.view(items);
    }

    private static Object ofList(List<?> list, String name, Arguments given, Budget budget) {
        Object sought = given.only(name, "value").require(0, "value");
        long count = 0;
        for (int i = 0; i < list.size(); i++) {
            if (Values.equal(list.get(i), sought, budget)) {
                if (name.equals("index")) {
                    return (long) i;
                }
                count++;
            }
        }
        if (name.equals("index")) {
            throw new TemplateException("the list has no such element");
        }
        return count;
    }

    private static List<Object> listed(List<Object> parts, Budget budget) {
        budget.list(parts.size());
        return parts;
    }
}
