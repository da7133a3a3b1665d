"""Writes golden.json and the small tokenizers beside it, with transformers' own apply_chat_template and AutoTokenizer.

Pinned: transformers 5.23.0, tokenizers 0.23.3, jinja2 3.1.6, trl 1.16.0 (whose chat_templates hold many models' real
templates, Apache-2.0). Run as: HF_HUB_OFFLINE=1 python make_templates.py
With --all FILE it renders every template of trl to FILE, which is too large to keep; TemplateTest reads that with
-Dtemplates.golden=FILE. There only templates that write today's date differ, and messages of errors that Python makes.
"""

import json
import sys
from pathlib import Path

import trl
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

HERE = Path(__file__).parent
TRL = Path(trl.__file__).parent / "chat_templates"

LLAMA2 = (
    "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}"
    "{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}"
    "{% set system_message = false %}{% endif %}{% for message in loop_messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if loop.index0 == 0 and system_message != false %}"
    "{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}"
    "{% else %}{% set content = message['content'] %}{% endif %}"
    "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}"
    "{% elif message['role'] == 'assistant' %}{{ ' '  + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}"
)
MISTRAL_V1 = (
    "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}"
    "{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token + ' ' }}"
    "{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}"
)
MISTRAL_V3 = """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}

{#- This block checks for alternating user/assistant messages, skipping tool calling messages #}
{%- set ns = namespace() %}
{%- set ns.index = 0 %}
{%- for message in loop_messages %}
    {%- if not (message.role == "tool" or message.role == "tool_results" or (message.tool_calls is defined and message.tool_calls is not none)) %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("After the optional system message, conversation roles must alternate user/assistant/user/assistant/...") }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}

{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if tools is not none and (message == user_messages[-1]) %}
            {{- "[AVAILABLE_TOOLS] " + (tools | tojson) + "[/AVAILABLE_TOOLS]" }}
        {%- endif %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" and message.content is defined %}
        {{- " " + message["content"]|trim + eos_token}}
    {%- else %}
        {{- raise_exception("Only user and assistant roles are supported, with the exception of an initial optional system message!") }}
    {%- endif %}
{%- endfor %}
"""
SMOLLM2 = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\\n' }}"
    "{% endif %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
ZEPHYR = (
    "{% for message in messages %}\n{% if message['role'] == 'user' %}\n"
    "{{ '<|user|>\\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n"
    "{{ '<|system|>\\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n"
    "{{ '<|assistant|>\\n'  + message['content'] + eos_token }}\n{% endif %}\n"
    "{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}"
)
# What real templates have here and there, in one place.
FEATURES = """{%- macro item(value, mark='*') -%}{{ mark }}{{ value|upper }}{%- endmacro -%}
{%- set ns = namespace(users=0, text='') %}
{% for m in messages if m.role != 'system' %}
  {%- if loop.index0 > 6 %}{% break %}{% endif %}
  {%- if m.content == '' %}{% continue %}{% endif %}
  {%- if m['role'] is in ['user'] %}{% set ns.users = ns.users + 1 %}{% endif %}
{{ loop.index }}/{{ loop.length }}{{ ',' ~ loop.revindex if not loop.last else '.' }} {{ item(m.role) }}{{ item(m.role, mark='-') }}
{{ m.content.title() }}|{{ m.content|title }}|{{ m.content.rstrip('\\n')[::-1] }}|{{ m.content[-3:] }}|{{ m.content.split(' ')[-1] }}
  {% if loop.previtem is defined %}<{{ loop.previtem.role }}{% endif %} {% if loop.nextitem is defined %}>{{ loop.nextitem.role }}{% endif +%}
{% else %}nobody
{% endfor %}
{{ ns.users }} {{ messages[::-1]|map(attribute='role')|join(',') }} {{ messages[-1].get('missing', 7 // 2) }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 1e16 }} {{ 1e-5 }} {{ 0.1 + 0.2 }}
{% for key, value in messages[0].items() %}{{ key }}={{ value|tojson }};{% endfor %} {{ messages[0] }} {{ true }} {{ none }} {{ (1, 'a"b') }} {{ 1 == '1' }} {{ 1 < 2 < 3 }}
{{ messages|tojson(indent=2) }} {{ {'b': [], 'a': {}, 'c': 1.5}|tojson(indent=4, sort_keys=true) }} {{ {'x': none}|tojson(separators=(',', ':')) }}
{% raw %}{{ not evaluated }}{% endraw %} {# gone #}
{%+ if tools is none and documents is none and enable_thinking is not defined %}bare{% endif %}
{% filter upper %}loud {% endfilter %}{% set block %}kept{% endset %}{{ block }}{% generation %}{{ 'made' }}{% endgeneration %}
{{ 'ä\\u00e9\\x41' 'b' }} {{ 'x' in 'xyz' and 'q' not in 'xyz' }} {{ messages is iterable }}{{ messages is string }}{{ messages[0] is mapping }} {{ dict(a=1)|dictsort }} {{ [3, 1, 2]|sort|last }} {{ 'a,b'.split(',', 1) }} {{ 'a\\nb'|indent(2) }} {{ '%' ~ 3|string * 2 }}
"""

TEMPLATES = {
    "llama2": (LLAMA2, "<s>", "</s>"),
    "mistral-v1": (MISTRAL_V1, "<s>", "</s>"),
    "mistral-v3": (MISTRAL_V3, "<s>", "</s>"),
    "smollm2": (SMOLLM2, "<|im_start|>", "<|im_end|>"),
    "tinyllama": (ZEPHYR, "<s>", "</s>"),
    "features": (FEATURES, "<s>", "</s>"),
}
for name in ["llama3", "llama3_1", "llama3_2", "qwen2_5", "qwen3", "phi3", "gemma", "deepseek_r1_distill", "qwen3_training"]:
    TEMPLATES[name] = ((TRL / f"{name}.jinja").read_text(), "<bos>", "<eos>")


def turns(*contents, first="user"):
    roles = ["user", "assistant"] if first == "user" else ["assistant", "user"]
    return [{"role": roles[i % 2], "content": content} for i, content in enumerate(contents)]


def system(text, *contents):
    return [{"role": "system", "content": text}, *turns(*contents)]


TOOLS = [{"type": "function", "function": {"name": "weather", "description": "It's <the> \"weather\" & ü",
          "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}]
CONVERSATIONS = {
    "question": turns("Hi"),
    "system": system("Be brief.", "Who are you?"),
    "answered": turns("Hi", "Hello!"),
    "turns": system("Be kind.", "One?", "1", "Two?", "2", "Three?"),
    "empty": turns("", "", "again"),
    "unicode": turns("Grüße, 世界! 🙂 e\u0301 \u00a0x", "ďakujem"),
    "syntax": turns("{{ 7*7 }} {% if x %} {# c #} ${a} #{b} {%- raw %}", "{{ messages }}"),
    "blanks": system("  padded \n", "line\n\n", "\n answer \n\n", "\tmore  "),
    "thinking": turns("2+2?", "<think>\nadd them\n</think>\n\n4", "3+3?", "<think>\nagain\n</think>\n\n6"),
    "quotes": turns("<b>it's \"q\" & \\n</b>", "they're 1 < 2"),
    "two users": turns("a") + turns("b"),
    "assistant first": turns("I begin", "ok", first="assistant"),
    "end text": turns("say </s> or <|im_end|>", "</s>"),
}


def tokenizer_of(bos, eos):
    model = Tokenizer(models.WordLevel({"<unk>": 0}, unk_token="<unk>"))
    return PreTrainedTokenizerFast(tokenizer_object=model, unk_token="<unk>", bos_token=bos, eos_token=eos)


def render(template, bos, eos, conversation, generate, extra):
    case = {"generate": generate}
    variables = {"date_string": "26 Jul 2024", **extra}
    tools = variables.pop("tools", None)
    try:
        case["text"] = tokenizer_of(bos, eos).apply_chat_template(
            conversation, tools=tools, chat_template=template, tokenize=False, add_generation_prompt=generate, **variables)
    except Exception as error:
        case["error"] = str(error)
    return case


def all_cases(templates):
    cases = []
    for name, (template, bos, eos) in templates.items():
        for title, conversation in CONVERSATIONS.items():
            for generate in [False, True]:
                cases.append({"template": name, "conversation": title, "variables": {},
                              **render(template, bos, eos, conversation, generate, {})})
        for extra in [{"tools": TOOLS}, {"enable_thinking": False}, {"enable_thinking": True}]:
            cases.append({"template": name, "conversation": "system", "variables": extra,
                          **render(template, bos, eos, CONVERSATIONS["system"], True, extra)})
    return cases


def write_golden(templates, file, tokenizers):
    golden = {"templates": {n: {"source": t, "bos": b, "eos": e} for n, (t, b, e) in templates.items()},
              "conversations": CONVERSATIONS, "cases": all_cases(templates), "tokenizers": tokenizers}
    Path(file).write_text(json.dumps(golden, ensure_ascii=False, indent=0) + "\n")


CORPUS = ["The quick brown fox jumps over the lazy dog.", "Hello world, how are you today? I'm fine; they're not.",
          "user assistant system 123 4567", "Grüße aus Köln, naïve café", "def f(x):\n    return x + 1\n\n"] * 4
SPECIALS = ["<unk>", "<s>", "</s>", "<|pad|>", "<|im_start|>", "<|im_end|>"]
QWEN = r"""(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""


def byte_level(processor):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(QWEN), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(
        vocab_size=340, special_tokens=SPECIALS, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.post_processor = processor
    return tokenizer


def sentence_piece(metaspace):
    trained = Tokenizer(models.BPE(unk_token="<unk>"))
    trained.pre_tokenizer = pre_tokenizers.Metaspace()
    trained.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=120, special_tokens=SPECIALS, show_progress=False))
    state = json.loads(trained.to_str())
    pieces = [p for p, _ in sorted(state["model"]["vocab"].items(), key=lambda item: item[1])]
    pieces = SPECIALS + [f"<0x{b:02X}>" for b in range(256)] + pieces[len(SPECIALS):]
    tokenizer = Tokenizer(models.BPE(vocab={p: i for i, p in enumerate(pieces)},
                                     merges=[tuple(m) for m in state["model"]["merges"]],
                                     unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.add_special_tokens(SPECIALS)
    if metaspace:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False)
    else:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    return tokenizer


TEXTS = ["", "Hello world", " Hello", "Grüße 世界 🙂", "line\n\n  two\t", "<s>x</s>", "<|im_start|>user\nHi<|im_end|>\n",
         "they're 12345", "a  b   c", "word " * 700]


def write_tokenizers():
    begin = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    built = {"qwen": (byte_level(processors.ByteLevel(trim_offsets=False)), "qwen2_5"),
             "llama3": (byte_level(processors.Sequence([processors.ByteLevel(trim_offsets=False), begin])), "smollm2"),
             "llama2": (sentence_piece(False), "llama2"), "metaspace": (sentence_piece(True), "tinyllama")}
    golden = {}
    for name, (tokenizer, template) in built.items():
        directory = HERE / name
        directory.mkdir(exist_ok=True)
        # A tokenizer that was saved with these must not cut or fill what it reads here.
        tokenizer.enable_truncation(8)
        tokenizer.enable_padding(length=8, pad_id=3, pad_token="<|pad|>")
        state = json.loads(tokenizer.to_str())
        (directory / "tokenizer.json").write_text(json.dumps(state, ensure_ascii=False, separators=(",", ":")) + "\n")
        end = "</s>" if "llama2" in template or "tiny" in template else "<|im_end|>"
        (directory / "tokenizer_config.json").write_text(json.dumps({
            "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": {"__type": "AddedToken", "content": "<s>", "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}, "clean_up_tokenization_spaces": False,
            "chat_template": [{"name": "tool_use", "template": "no"}, {"name": "default", "template": TEMPLATES[template][0]}]}) + "\n")
        (directory / "special_tokens_map.json").write_text(json.dumps({"eos_token": end, "pad_token": "<|pad|>"}) + "\n")
        (directory / "config.json").write_text(json.dumps({"bos_token_id": 1, "eos_token_id": [2, 5]}) + "\n")
        loaded = AutoTokenizer.from_pretrained(directory)
        loaded.backend_tokenizer.no_truncation()
        loaded.backend_tokenizer.no_padding()
        rows = []
        for text in TEXTS:
            bare = loaded(text, add_special_tokens=False)["input_ids"]
            rows.append({"text": text, "ids": loaded(text)["input_ids"], "bare": bare,
                         "decoded": loaded.decode(bare, skip_special_tokens=True)})
        chats = []
        loaded.chat_template, loaded.eos_token = TEMPLATES[template][0], end
        for title in ["question", "turns", "unicode", "answered", "blanks"]:
            conversation = CONVERSATIONS[title]
            try:
                chats.append({"conversation": title, "ids": loaded.apply_chat_template(
                    conversation, add_generation_prompt=True, return_dict=False)})
            except Exception as error:
                raise RuntimeError(name + " " + title) from error
        golden[name] = {"texts": rows, "chats": chats}
    return golden


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--all":
        write_golden({f.stem: (f.read_text(), "<bos>", "<eos>") for f in sorted(TRL.glob("*.jinja"))}, sys.argv[2], {})
    else:
        write_golden(TEMPLATES, HERE / "golden.json", write_tokenizers())
