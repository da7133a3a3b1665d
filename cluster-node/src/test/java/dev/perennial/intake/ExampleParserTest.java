package dev.perennial.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.perennial.protocols.Example;
import dev.perennial.protocols.ExampleRef;
import dev.perennial.protocols.ExampleUse;
import dev.perennial.protocols.ProblemException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExampleParserTest {
    @Test
    void readsADocument() throws Exception {
        ParsedExample example = parse("{'text':'Hello','source':'wiki'}");
        // SHA-256 of {"form":"text","text":"Hello","use":"train"}, first 128 bits; it must never change.
        assertEquals(
                new ExampleRef(
                        "3ac169e01236e7b58556ad3f63ac9f51",
                        5,
                        ExampleUse.TRAIN,
                        false,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("wiki")),
                example.ref());
        assertEquals("wiki", example.source());
        assertEquals(new Example.Text("Hello"), stored(example));
    }

    @Test
    void readsAQuestionWithItsAnswer() throws Exception {
        ParsedExample example = parse("{'prompt':'Where? ','completion':' Here ','use':'evaluate'}");
        assertEquals(new Example.Completion("Where? ", " Here"), stored(example));
        assertEquals(ExampleUse.EVALUATE, example.ref().use());
        assertEquals(12, example.ref().characters());
        assertTrue(example.ref().judged());
    }

    @Test
    void readsAConversation() throws Exception {
        ParsedExample example = parse("{'messages':[{'role':'developer','content':'Be brief'},"
                + "{'role':'user','content':'Hi'},{'role':'assistant','content':'Hello'}]}");
        assertEquals(
                new Example.Messages(List.of(
                        new Example.Message("system", "Be brief"),
                        new Example.Message("user", "Hi"),
                        new Example.Message("assistant", "Hello"))),
                stored(example));
        assertTrue(example.ref().judged());
    }

    @Test
    void writingsOfOneTextAreOneExample() {
        String composed = parse("{'text':'caf\u00e9\\nbar'}").ref().id();
        assertEquals(
                composed, parse("{'text':'cafe\u0301\\r\\nbar  \\n'}").ref().id());
        assertEquals(
                composed,
                parse("{'source':'elsewhere','text':'caf\u00e9\\nbar'}").ref().id());
    }

    @Test
    void formUseAndPlaceOfWordsMakeAnotherExample() {
        String id = parse("{'prompt':'ab','completion':'c'}").ref().id();
        assertNotEquals(id, parse("{'prompt':'a','completion':'bc'}").ref().id());
        assertNotEquals(
                id,
                parse("{'prompt':'ab','completion':'c','use':'evaluate'}").ref().id());
        assertNotEquals(id, parse("{'text':'abc'}").ref().id());
    }

    /** First 64 bits of the SHA-256 of ["user","Where is it?"] and of Here; they must never change. */
    @Test
    void knowsAQuestionAndItsAnswerInEveryForm() {
        ExampleRef pair = parse("{'prompt':'Where is it?','completion':'Here'}").ref();
        assertEquals(Optional.of("7f03a30602c8d2fa"), pair.promptId());
        assertEquals(Optional.of("aa3b17600d88d316"), pair.answerId());
        ExampleRef turns = parse("{'use':'evaluate','messages':[{'role':'user','content':' Where\\nis  it? '},"
                        + "{'role':'assistant','content':' Here '}]}")
                .ref();
        assertEquals(pair.promptId(), turns.promptId());
        assertEquals(pair.answerId(), turns.answerId());
        assertFalse(turns.contradicts(pair));
        ExampleRef moved =
                parse("{'prompt':'Where is it?','completion':'There'}").ref();
        assertTrue(moved.contradicts(pair));
        assertFalse(
                parse("{'prompt':'Where is It?','completion':'There'}").ref().contradicts(pair));
    }

    @Test
    void readsAPreferenceInEveryWriting() throws Exception {
        ParsedExample example = parse("{'prompt':'Who? ','chosen':'Mira ','rejected':'Tom'}");
        assertEquals(
                new Example.Preference(List.of(new Example.Message("user", "Who?")), "Mira", "Tom"), stored(example));
        // SHA-256 of the canonical form, first 128 bits; it must never change.
        assertEquals("ced23765559a5889e04f9b540b4eaa28", example.ref().id());
        assertEquals(11, example.ref().characters());
        assertTrue(example.ref().judged());
        String turns = "{'role':'user','content':'Who?'}";
        String chosen = "{'role':'assistant','content':'Mira'}";
        String rejected = "{'role':'assistant','content':'Tom'}";
        for (String row : List.of(
                "{'prompt':[" + turns + "],'chosen':'Mira','rejected':'Tom'}",
                "{'prompt':[" + turns + "],'chosen':[" + chosen + "],'rejected':[" + rejected + "]}",
                "{'chosen':[" + turns + "," + chosen + "],'rejected':[" + turns + "," + rejected + "]}")) {
            assertEquals(example.ref(), parse(row).ref(), row);
        }
    }

    @Test
    void readsALabelledCompletion() throws Exception {
        ParsedExample example = parse("{'prompt':'Who?','completion':'Tom','label':false,'use':'evaluate'}");
        assertEquals(new Example.Labelled(List.of(new Example.Message("user", "Who?")), "Tom", false), stored(example));
        assertEquals("1dc81e9d50e6708f929b382307741aff", example.ref().id());
        assertFalse(example.ref().judged());
    }

    @Test
    void aConversationMayBeWrittenAsPromptAndCompletion() {
        String turn = "{'role':'user','content':'Who?'}";
        String answer = "{'role':'assistant','content':'Mira'}";
        assertEquals(
                parse("{'messages':[" + turn + "," + answer + "]}").ref(),
                parse("{'prompt':[" + turn + "],'completion':[" + answer + "]}").ref());
    }

    @Test
    void whatIsPreferredContradictsTheOppositeAlone() {
        ExampleRef answer = parse("{'prompt':'Who?','completion':'Tom'}").ref();
        ExampleRef preferred =
                parse("{'prompt':'Who?','chosen':'Mira','rejected':'Tom'}").ref();
        ExampleRef opposite =
                parse("{'prompt':'Who?','chosen':'Tom','rejected':'Mira'}").ref();
        ExampleRef another =
                parse("{'prompt':'Who?','chosen':'Ann','rejected':'Tom'}").ref();
        ExampleRef wanted =
                parse("{'prompt':'Who?','completion':'Tom','label':true}").ref();
        ExampleRef unwanted =
                parse("{'prompt':'Who?','completion':'Tom','label':false}").ref();
        ExampleRef otherUnwanted =
                parse("{'prompt':'Who?','completion':'Mira','label':false}").ref();
        assertTrue(preferred.contradicts(opposite));
        assertTrue(wanted.contradicts(unwanted));
        List<ExampleRef> all = List.of(answer, preferred, another, wanted, otherUnwanted);
        for (ExampleRef each : all) {
            all.forEach(other -> assertFalse(each.contradicts(other), each + " and " + other));
        }
    }

    @Test
    void aSystemMessageAsksForSomethingElse() {
        String conversation = "{'role':'user','content':'Hi'},{'role':'assistant','content':'Hello'}]}";
        assertNotEquals(
                parse("{'messages':[" + conversation).ref().promptId(),
                parse("{'messages':[{'role':'system','content':'Be brief'}," + conversation)
                        .ref()
                        .promptId());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '#',
            value = {
                "{'txt':'a'} # expected the keys {text} | {prompt, completion} | {messages} | {prompt, chosen, rejected}",
                "{'txt':'a'} # {chosen, rejected} | {prompt, completion, label}, with source and use optional; found {txt}",
                "{'prompt':'a','chosen':'b'} # found {chosen, prompt}",
                "{'prompt':'a','chosen':'b','rejected':'c','label':true} # found {chosen, label, prompt, rejected}",
                "{'prompt':'a','chosen':'b','rejected':'b '} # chosen and rejected differ; got two that are equal",
                "{'prompt':'a','chosen':'b','rejected':7} # rejected is text; got an integer",
                "{'prompt':'a','chosen':'b','rejected':'  '} # rejected is 1 to 100000 characters besides white space",
                "{'prompt':[],'chosen':'b','rejected':'c'} # prompt has at least one message before the answer",
                "{'prompt':[{'role':'assistant','content':'a'}],'chosen':'b','rejected':'c'} # the last of them not the",
                "{'chosen':'b','rejected':'c'} # chosen is a list of messages where there is no prompt",
                "{'chosen':[{'role':'user','content':'a'}],'rejected':[{'role':'user','content':'b'}]} # the same messages",
                "{'prompt':'a','completion':'b','label':'yes'} # label is true or false; got text",
                "{'prompt':'a','completion':'b','label':1} # label is true or false; got an integer",
                "{} # found {}",
                "{'text':'a','extra':1} # found {extra, text}",
                "{'text':'a','prompt':'b','completion':'c'} # found {completion, prompt, text}",
                "{'prompt':'b'} # found {prompt}",
                "[] # the JSON is an object; got an array",
                "{'text':7} # text is text; got an integer",
                "{'text':'  '} # 1 to 100000 characters besides white space; got none",
                "{'text':'a','use':'test'} # use is one of train, evaluate; got \"test\"",
                "{'messages':[{'role':'user','content':'a'}]} # ends with the assistant's answer; got [user]",
                "{'messages':[{'role':'tool','content':'a'}]} # messages[0].role is one of system",
                "{'messages':[{'role':'user','content':'a','name':'b'}]} # unknown field 'messages[0].name'",
                "{'text':'\\ud800'} # half of a surrogate pair",
                "{'text':'a' # malformed",
                "{'text':'a','text':'b'} # Duplicate field 'text'",
            })
    void badRowSaysWhatWasFoundAndWhatIsExpected(String row, String message) {
        ProblemException failure = assertThrows(ProblemException.class, () -> parse(row));
        assertTrue(
                failure.problem().message().contains(message), failure.problem().message());
    }

    @Test
    void textsAreBounded() {
        String longest = "x".repeat(ExampleParser.LONGEST_TEXT);
        assertEquals(100_000, parse("{'text':'" + longest + "'}").ref().characters());
        assertThrows(ProblemException.class, () -> parse("{'text':'" + longest + "x'}"));
        assertThrows(ProblemException.class, () -> parse("{'prompt':'" + longest + "','completion':'y'}"));
        assertThrows(ProblemException.class, () -> parse("{'text':'a','source':'" + "s".repeat(201) + "'}"));
    }

    private static ParsedExample parse(String json) {
        byte[] bytes =
                json.replace('\'', '"').replace("assistant\"s", "assistant's").getBytes(StandardCharsets.UTF_8);
        return ExampleParser.parse(StrictJson.read(ByteBuffer.wrap(bytes)));
    }

    private static Example stored(ParsedExample example) throws Exception {
        return new ObjectMapper().readValue(example.json(), Example.class);
    }
}
