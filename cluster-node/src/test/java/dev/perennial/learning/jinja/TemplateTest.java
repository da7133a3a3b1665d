package dev.perennial.learning.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same texts as transformers' apply_chat_template gives, and what stops a template; see make_templates.py. */
class TemplateTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path GOLDEN = Path.of("src/test/resources/templates/golden.json");
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2024-07-06T15:04:05Z"), ZoneOffset.UTC);
    private static final Duration LIMIT = Duration.ofSeconds(2);

    @Test
    void rendersTheTemplatesOfRealModelsToTheLetter() throws IOException {
        JsonNode golden =
                JSON.readTree(Files.readAllBytes(Path.of(System.getProperty("templates.golden", GOLDEN.toString()))));
        List<String> wrong = new ArrayList<>();
        Map<String, Template> templates = new HashMap<>();
        golden.path("templates")
                .fields()
                .forEachRemaining(entry -> templates.put(
                        entry.getKey(),
                        Template.read(entry.getValue().path("source").asText(), CLOCK, LIMIT)));
        int errors = 0;
        for (JsonNode row : golden.path("cases")) {
            String name = row.path("template").asText();
            JsonNode special = golden.path("templates").path(name);
            Map<String, @Nullable Object> variables = new HashMap<>();
            variables.put("tools", null);
            variables.put("documents", null);
            variables.put("date_string", "26 Jul 2024");
            variables.put("bos_token", special.path("bos").asText());
            variables.put("eos_token", special.path("eos").asText());
            variables.put("unk_token", "<unk>");
            variables.put(
                    "messages",
                    JSON.convertValue(
                            golden.path("conversations")
                                    .path(row.path("conversation").asText()),
                            List.class));
            variables.put("add_generation_prompt", row.path("generate").asBoolean());
            variables.putAll(JSON.convertValue(row.path("variables"), new TypeReference<Map<String, Object>>() {}));
            String expected = row.path("text").asText(row.path("error").asText());
            String actual;
            boolean failed = false;
            try {
                actual = Objects.requireNonNull(templates.get(name)).render(variables);
            } catch (TemplateException e) {
                actual = String.valueOf(e.getMessage());
                failed = true;
                errors++;
            }
            if (failed != row.has("error") || !actual.equals(expected)) {
                wrong.add(name + ", " + row.path("conversation") + ", " + row.path("variables") + ":\n"
                        + expected.replace("\n", "\\n") + "\n" + actual.replace("\n", "\\n"));
            }
        }
        assertEquals(List.of(), wrong, () -> wrong.size() + " differ:\n" + String.join("\n", wrong));
        assertTrue(errors > 0 && golden.path("cases").size() > 300);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
                "{% for a in range(100000) %}{% for b in range(100000) %}{{ 'x' }}{% endfor %}{% endfor %}",
                "{% set ns = namespace(x='ab') %}{% for a in range(90) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{% set ns = namespace(x=[1]) %}{% for a in range(90) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{{ 'a' * 99999999999 }}",
                "{% set x = 'a' * 2000000 %}{{ ('a' * 1000000 + 'b') in x }}",
                "{% set x = 'a' * 4000000 %}{% for a in range(100000) %}{{ x.strip('a') }}{% endfor %}",
                "{% set x = 'a' * 2000 %}{{ x.replace('a', x * 10) }}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% macro f(n) %}{% for i in range(9) %}{{ f(n) if n > 0 }}{% endfor %}{% endmacro %}{{ f(1) }}",
                "{% set ns = namespace(x=[]) %}{% for a in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}"
            })
    void stopsAHostileTemplate(String source) {
        assertTimeout(Duration.ofSeconds(4), () -> {
            Template template = Template.read(source, CLOCK, LIMIT);
            String message = assertThrows(TemplateException.class, () -> template.render(Map.of()))
                    .getMessage();
            assertTrue(
                    message != null && message.matches("(?s)the template.*(longer than|more than|at most|too deep).*"),
                    message);
        });
    }

    @Test
    void refusesATemplateThatIsNestedTooDeep() {
        for (String source : List.of(
                "{{ " + "(".repeat(5000) + "1" + ")".repeat(5000) + " }}",
                "{{ " + "not ".repeat(5000) + "1 }}",
                "{{ " + "-".repeat(5000) + "1 }}",
                "{% if 1 %}".repeat(5000))) {
            assertTrue(failure(source).contains("deep"), failure(source));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{{ nope }} ~ 'nope' is undefined",
                "{{ 'a' + nope }} ~ 'nope' is undefined",
                "{{ ['a', nope]|join }} ~ 'nope' is undefined",
                "{{ nope.inner }} ~ 'nope' is undefined",
                "{{ nope|trim }} ~ 'nope' is undefined",
                "{% for x in nope %}{% endfor %} ~ 'nope' is undefined",
                "{{ [1][4] }} ~ '[4]' is undefined",
                "{{ {'a': 1}.b }} ~ 'b' is undefined",
                "{{ 'a'|nofilter }} ~ the filter 'nofilter' is not supported",
                "{{ 'a' is strange }} ~ the test 'is strange' is not supported",
                "{% include 'x' %} ~ line 1: the tag 'include' is not supported here",
                "{% break %} ~ line 1: break outside of a loop",
                "{{ [].append(1) }} ~ the method list.append is not supported",
                "{{ 'a'.encode() }} ~ the method str.encode is not supported",
                "{{ 'a'.__class__ }} ~ the attribute '__class__' is not allowed: it begins with an underscore",
                "{{ nope(1) }} ~ line 1: cannot call undefined ('nope')",
                "{{ 'a' + 1 }} ~ '+' is not defined for a string and an int",
                "{{ 1 // 0 }} ~ cannot compute 1 // 0: / by zero",
                "{{ raise_exception('Only this') }} ~ Only this",
                "{{ strftime_now('%Q') }} ~ strftime_now does not support %Q",
                "{% if 1 %} ~ the template ends where one of",
                "{{ 'open }} ~ line 1: unexpected character '''",
                "{{ 1 ~ line 1: the template ends inside of a tag",
                "{% set x.y = 1 %} ~ cannot set 'x.y': it is no namespace"
            })
    void failsByName(String source, String message) {
        assertTrue(failure(source).startsWith(message), failure(source));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{{ strftime_now('%d %b %Y, %A %H:%M:%S %-d %j %%') }} ~ 06 Jul 2024, Saturday 15:04:05 6 188 %",
                "{{ 'not there' if nope is not defined }}{{ nope|default('d') }} ~ not thered",
                "{{ 'abcdef'[::-2] }}{{ [1, 2, 3][-2:] }}{{ [1, 2, 3][:-4:-1] }} ~ fdb[2, 3][3, 2, 1]",
                "{{ '🙂x'[0] }}{{ '🙂x'|length }} ~ 🙂2",
                "{{ not nope and 2 ** 3 == 8 }} ~ True",
                "{{ -1|abs }}{{ 2 - -1 }} ~ 13",
                "<{{ 'a' if 1 == 2 }}> ~ <>"
            })
    void rendersWhatPythonWould(String source, String expected) {
        assertEquals(expected, Template.read(source, CLOCK, LIMIT).render(Map.of()));
    }

    private static String failure(String source) {
        return String.valueOf(assertThrows(
                        TemplateException.class,
                        () -> Template.read(source, CLOCK, LIMIT).render(Map.of()))
                .getMessage());
    }
}
