package dev.perennial.learning.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.perennial.learning.ChatTemplate.Turn;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each format, and what is refused in each; apostrophes stand for quotation marks. */
final class RowParserTest {
    private static final String USER = "{'role':'user','content':'Hi'}";
    private static final Turn HI = new Turn("user", "Hi");

    @Test
    void readsText() throws BadRow {
        assertEquals(new DataRow.Text(" a\n"), parse("{'text':' a\\n','source':'web','meta':{'text':1}}"));
    }

    @Test
    void readsPromptAndCompletion() throws BadRow {
        assertEquals(
                new DataRow.Completion(new Exchange.Plain("The sky is", " blue")),
                parse("{'prompt':'The sky is','completion':' blue'}"));
        assertEquals(
                new DataRow.Completion(new Exchange.Plain("", "blue")), parse("{'prompt':'','completion':'blue'}"));
        assertEquals(
                new DataRow.Completion(chat("Hello")),
                parse("{'prompt':[" + USER + "],'completion':[" + assistant("Hello") + "]}"));
    }

    @Test
    void readsMessages() throws BadRow {
        assertEquals(
                new DataRow.Conversation(List.of(
                        new Turn("system", ""),
                        HI,
                        new Turn("assistant", "Hello"),
                        new Turn("tool", "4"),
                        new Turn("assistant", "It is 4"),
                        HI)),
                parse("{'messages':[{'role':'system','content':''}," + USER + "," + assistant("Hello")
                        + ",{'role':'tool','content':'4','name':'sum'}," + assistant("It is 4") + "," + USER + "]}"));
    }

    @Test
    void readsShareGpt() throws BadRow {
        DataRow expected = new DataRow.Conversation(
                List.of(new Turn("system", "Be brief"), HI, new Turn("assistant", "Hello"), new Turn("tool", "4")));
        String tail = "{'from':'gpt','value':'Hello'},{'from':'tool','value':'4'}]}";
        assertEquals(
                expected,
                parse("{'conversations':[{'from':'system','value':'Be brief'},{'from':'human','value':'Hi'}," + tail));
        assertEquals(
                expected,
                parse("{'conversations':[{'role':'system','content':'Be brief'},{'from':'user','value':'Hi'},"
                        + "{'from':'assistant','value':'Hello'},{'from':'tool','value':'4'}]}"));
    }

    @Test
    void readsPreferences() throws BadRow {
        assertEquals(
                new DataRow.Preference(new Exchange.Plain("a", "b"), new Exchange.Plain("a", "c")),
                parse("{'prompt':'a','chosen':'b','rejected':'c','score':3}"));
        DataRow chats = new DataRow.Preference(chat("Hello"), chat("What?"));
        String chosen = assistant("Hello");
        String rejected = assistant("What?");
        assertEquals(chats, parse("{'prompt':[" + USER + "],'chosen':[" + chosen + "],'rejected':[" + rejected + "]}"));
        String implicit = "'chosen':[" + USER + "," + chosen + "],'rejected':[" + USER + "," + rejected + "]}";
        assertEquals(chats, parse("{" + implicit));
        assertEquals(chats, parse("{'prompt':'Hi'," + implicit));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "The sky is blue.|The sky is black!|The sky is| blue.| black!",
                "The sky is blue|The sky is green|The sky is| blue| green",
                "The sky is|The sky|The| sky is| sky",
                "Q: a  A: no|Q: a  A: yes|Q: a  A:| no| yes"
            })
    void theCommonBeginningOfTwoTextsIsTheirPromptUpToAWord(
            String chosen, String rejected, String prompt, String better, String worse) throws BadRow {
        assertEquals(
                new DataRow.Preference(new Exchange.Plain(prompt, better), new Exchange.Plain(prompt, worse)),
                parse("{'chosen':'" + chosen + "','rejected':'" + rejected + "'}"));
    }

    @Test
    void readsLabels() throws BadRow {
        assertEquals(
                new DataRow.Labelled(new Exchange.Plain("a", "b"), true),
                parse("{'prompt':'a','completion':'b','label':true}"));
        assertEquals(
                new DataRow.Labelled(chat("Hello"), false),
                parse("{'prompt':[" + USER + "],'completion':[" + assistant("Hello") + "],'label':false}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{} | found no keys; expected one of: ",
                "{'text':'a','messages':[]} | found keys text, messages; expected one of: ",
                "{'text':'a','label':true} | found keys text, label; expected one of: ",
                "{'prompt':'a','label':true} | found keys prompt, label; expected one of: ",
                "{'instruction':'a','output':'b'} | found keys instruction, output; expected one of: ",
                "{'a\\nb':1} | found keys a b; expected one of: ",
            })
    void keysOfNoFormatOrOfSeveralAreNamed(String row, String expected) {
        String all =
                "text | prompt, completion | messages | conversations | prompt, chosen, rejected | chosen, rejected"
                        + " | prompt, completion, label";
        assertEquals(expected + " " + all, refused(row));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '"',
            value = {
                "{'text':['a']} ~ text: expected text; got a list",
                "{'text':' \\n'} ~ text: expected text that can be learned; got blank text",
                "{'text':'\\ud83d'} ~ text: expected text; got half of a surrogate pair, which no tokenizer can read",
                "{'prompt':1,'completion':'b'} ~ prompt: expected text or a list of messages; got a number",
                "{'prompt':'a','completion':''} ~ completion: expected text that can be learned; got blank text",
                "{'prompt':'a','completion':[{}]} ~ completion: expected text; got a list",
                "{'prompt':[],'completion':[]} ~ prompt: expected a list of messages; got an empty list",
                "{'prompt':[U],'completion':'b'} ~ completion: expected a list of messages; got text",
                "{'prompt':[U],'completion':[U]} ~ completion: expected one assistant message; got user",
                "{'prompt':[U],'completion':[A,U,A]} ~ completion: expected one assistant message; got assistant, user, assistant",
                "{'prompt':[U,A],'completion':[A]} ~ prompt: expected a last message that is not the assistant's; got user, assistant",
                "{'messages':'a'} ~ messages: expected a list of messages; got text",
                "{'messages':[]} ~ messages: expected a list of messages; got an empty list",
                "{'messages':[U]} ~ messages: expected at least one assistant message to learn; got user",
                "{'messages':[U,'a']} ~ messages[1]: expected a message; got text",
                "{'messages':[U,{'role':'assistant','text':'a'}]} ~ messages[1]: found keys role, text; expected role, content | from, value",
                "{'messages':[U,{'role':'assistant','content':null}]} ~ messages[1]: found keys role; expected role, content | from, value",
                "{'messages':[U,{'role':'assistant','content':' '}]} ~ messages[1].content: expected text that can be learned; got blank text",
                "{'messages':[U,{'role':'assistant','content':[1]}]} ~ messages[1].content: expected text; got a list",
                "{'messages':[{'role':1,'content':'a'}]} ~ messages[0].role: expected text; got a number",
                "{'conversations':[{'from':'bing','value':'a'}]} ~ conversations[0].from: expected one of assistant, gpt, human, system, tool, user; got 'bing'",
                "{'prompt':'a','chosen':'b','rejected':'b'} ~ expected chosen and rejected to differ; they are equal",
                "{'prompt':[U],'chosen':[A],'rejected':[A]} ~ expected chosen and rejected to differ; they are equal",
                "{'chosen':'a b','rejected':'a b'} ~ expected chosen and rejected to differ; they are equal",
                "{'chosen':[U,A],'rejected':[U,A]} ~ expected chosen and rejected to differ; they are equal",
                "{'chosen':'blue','rejected':'black'} ~ expected chosen and rejected to begin with the same words, which are the prompt; they have no word in common there; or give a key prompt",
                "{'chosen':'a ','rejected':'a b'} ~ chosen: expected text that can be learned after the prompt; got blank text",
                "{'chosen':[U,A],'rejected':[A]} ~ expected chosen and rejected to be the same messages but for the last; got 2 and 1 messages, of which the first 0 are the same",
                "{'chosen':[U,A,U,A],'rejected':[U,A,U]} ~ expected chosen and rejected to be the same messages but for the last; got 4 and 3 messages, of which the first 3 are the same",
                "{'prompt':'a','completion':'b','label':1} ~ label: expected true or false; got 1",
                "{'prompt':'a','completion':'b','label':'yes'} ~ label: expected true or false; got \"yes\"",
                "[1] ~ expected a JSON object; got a list"
            })
    void refusesAndSaysWhatWasExpectedAndWhatCame(String row, String expected) {
        assertEquals(expected, refused(row.replace("U", USER).replace("A", assistant("Hello"))));
    }

    @Test
    void namesAtMostTwelveKeys() {
        StringBuilder row = new StringBuilder("{'" + "x".repeat(60) + "':1");
        for (int i = 0; i < 20; i++) {
            row.append(",'k").append(i).append("':1");
        }
        String told = refused(row.append('}').toString());
        assertEquals(
                "found keys " + "x".repeat(40) + "…, k0, k1, k2, k3, k4, k5, k6, k7, k8, k9, k10 and 9 more;",
                told.substring(0, told.indexOf(';') + 1));
    }

    private static String assistant(String content) {
        return "{'role':'assistant','content':'" + content + "'}";
    }

    private static Exchange chat(String answer) {
        return new Exchange.Chat(List.of(HI, new Turn("assistant", answer)));
    }

    private static DataRow parse(String row) throws BadRow {
        return RowParser.parse(RowJson.parse(row.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    }

    private static String refused(String row) {
        return String.valueOf(assertThrows(BadRow.class, () -> parse(row)).getMessage());
    }
}
