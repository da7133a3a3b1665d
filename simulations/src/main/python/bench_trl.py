"""The training of `bench training` with TRL and PEFT, or with PEFT and a plain PyTorch loop, to compare speed and losses.

Reads what `simulations.jar bench training --work DIR` left: DIR/model, DIR/batch.jsonl and DIR/adapter, the adapter before its first
step. So both train the same LoRA from the same values on the same tokens in the same order: AdamW (0.9, 0.999, 1e-8), no weight decay, a
constant rate, clipping at 1, fp32, the same batch in every step. Prints one JSON object; progress goes to stderr.

    python bench_trl.py --work DIR --steps 10 --threads 2 [--plain] [--model DIR]

Python 3.11 with torch==2.15.0 transformers==5.23.0 peft==0.21.2 trl==1.16.0 accelerate==1.15.0 datasets==5.2.0. Nothing is fetched.

TRL's own defaults that cost time here are switched off: gradient checkpointing (--checkpointing brings it back in both), bf16.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import sys
import tempfile
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback, TrainerCallback

# As TrainingBench.WARM_UP: steps that are not timed.
WARM_UP = 2
IGNORED = -100


def load(model_directory, adapter_directory):
    """The base in fp32 with the adapter that the benchmark wrote, ready to be trained."""
    base = AutoModelForCausalLM.from_pretrained(model_directory, dtype=torch.float32)
    return PeftModel.from_pretrained(base, adapter_directory, is_trainable=True)


def train_plain(model, rows, arguments):
    """Losses and seconds of each step, without a trainer."""
    ids = torch.tensor([row["input_ids"] for row in rows])
    mask = torch.tensor([row["completion_mask"] for row in rows])
    labels = ids.masked_fill(mask == 0, IGNORED)
    model.train()
    model.config.use_cache = False
    if arguments.checkpointing:
        model.enable_input_require_grads()
        model.gradient_checkpointing_enable({"use_reentrant": False})
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=arguments.rate, weight_decay=0.0, fused=True)
    losses, seconds = [], []
    for step in range(arguments.steps):
        began = time.perf_counter()
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        losses.append(loss.item())
        seconds.append(time.perf_counter() - began)
        print(f"step {step + 1}/{arguments.steps}  loss {losses[-1]:.4f}  {seconds[-1]:.2f} s", file=sys.stderr)
    return losses, seconds


class Clock(TrainerCallback):
    """Seconds from the beginning of each step to its end, logging left out, and the losses as they are logged."""

    def __init__(self):
        self.losses, self.seconds, self.began = [], [], 0.0

    def on_step_begin(self, *_, **__):
        self.began = time.perf_counter()

    def on_step_end(self, *_, **__):
        self.seconds.append(time.perf_counter() - self.began)

    def on_log(self, args, state, control, logs=None, **_):
        if logs and "loss" in logs:
            self.losses.append(float(logs["loss"]))
            print(f"step {state.global_step}/{args.max_steps}  loss {self.losses[-1]:.4f}  {self.seconds[-1]:.2f} s", file=sys.stderr)


def train_trl(model, rows, arguments):
    """Losses and seconds of each step of TRL's SFTTrainer."""
    import datasets
    from trl import SFTConfig, SFTTrainer

    clock = Clock()
    with tempfile.TemporaryDirectory() as out:
        config = SFTConfig(
            output_dir=out,
            max_steps=arguments.steps,
            per_device_train_batch_size=len(rows),
            learning_rate=arguments.rate,
            lr_scheduler_type="constant",
            warmup_steps=0,
            weight_decay=0.0,
            max_grad_norm=1.0,
            optim="adamw_torch_fused",
            bf16=False,
            use_cpu=True,
            gradient_checkpointing=arguments.checkpointing,
            completion_only_loss=True,
            max_length=None,
            packing=False,
            shuffle_dataset=False,
            train_sampling_strategy="sequential",
            dataloader_pin_memory=False,
            logging_steps=1,
            logging_first_step=True,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
        )
        trainer = SFTTrainer(
            model=model,
            args=config,
            train_dataset=datasets.Dataset.from_list(rows * arguments.steps),
            processing_class=AutoTokenizer.from_pretrained(arguments.model),
            callbacks=[clock],
        )
        # It prints to stdout, where only the result goes.
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    return clock.losses, clock.seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=pathlib.Path, required=True, help="the --work folder of `bench training`")
    parser.add_argument("--model", type=pathlib.Path, help="model directory (default: WORK/model)")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--checkpointing", action="store_true", help="compute activations again to save memory")
    parser.add_argument("--plain", action="store_true", help="a PyTorch loop in place of TRL's trainer")
    arguments = parser.parse_args()
    if arguments.steps <= WARM_UP:
        parser.error(f"expected --steps of at least {WARM_UP + 1}; got {arguments.steps}")
    arguments.model = arguments.model or arguments.work / "model"
    torch.set_num_threads(arguments.threads)
    rows = [json.loads(line) for line in (arguments.work / "batch.jsonl").read_text().splitlines()]
    model = load(arguments.model, arguments.work / "adapter")
    losses, seconds = (train_plain if arguments.plain else train_trl)(model, rows, arguments)
    tokens = sum(len(row["input_ids"]) for row in rows)
    median = statistics.median(seconds[WARM_UP:])
    result = {
        "bench": "plain" if arguments.plain else "trl",
        "model": str(arguments.model),
        "threads": arguments.threads,
        "steps": arguments.steps,
        "checkpointing": arguments.checkpointing,
        "tokens_per_second": tokens / median,
        "learned_tokens_per_second": sum(sum(row["completion_mask"]) for row in rows) / median,
        "fastest_step_tokens_per_second": tokens / min(seconds),
        "peak_resident_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "losses": losses,
        "step_seconds": seconds,
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
