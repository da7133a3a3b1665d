"""preferences/: DPO and KTO by TRL's own trainers' loss functions, on architectures/llama3 with the bare base as the reference.

The trainers are made without their constructors, which would load, tokenise and plan; their _compute_loss and
compute_ref_log_probs run as they are, on batches of TRL's collators. Log-probabilities are summed over the completion's tokens.

  preferences/willing       an adapter that has learned the mismatched pairs of KTO, so that KL is above 0
  preferences/values.json   pairs, each with log-probabilities and rewards
      dpo    by name: settings; losses of each pair; loss, their mean. ipo divides each log-ratio by the completion's tokens.
             smoothed is cDPO, -(1-e) log sigmoid(z) - e log sigmoid(-z): TRL has it as aot, which equals it on one pair.
             robust is TRL's other use of label_smoothing, (-(1-e) log sigmoid(z) + e log sigmoid(-z)) / (1 - 2e).
      kto    by adapter: z0 of this batch is max(0, mean over its rows of log policy(y'|x) - log reference(y'|x)), summed over
             the tokens of y', the completion of the row before x's (the last one's for the first); "mismatched" lists those
             rows. It takes no gradient. loss is the mean over the rows of
             desirable_weight (1 - sigmoid(beta (log-ratio - z0))) or undesirable_weight (1 - sigmoid(beta (z0 - log-ratio))).
  preferences/values.safetensors   NAME.gradient.TENSOR of each loss
"""
import shutil
from collections import defaultdict
from types import SimpleNamespace

import torch
from accelerate import Accelerator
from peft import PeftModel
from trl import DPOTrainer, KTOTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference
from trl.trainer.kto_trainer import DataCollatorForUnpairedPreference
from trl.trainer.utils import add_fused_lm_head

import common

PREFERENCES = common.HERE / "preferences"
BASE = common.ARCHITECTURES / "llama3"
BETA = 0.1
PAIRS = [
    {"prompt": [1, 40, 77, 130, 9], "chosen": [55, 201, 33, 2], "rejected": [60, 61, 2]},
    {"prompt": [1, 66, 12], "chosen": [250, 2], "rejected": [17, 18, 19, 20, 180, 2]},
    {"prompt": [1, 99, 98, 97, 96, 20], "chosen": [21, 22, 140, 24, 25, 26, 2], "rejected": [21, 22, 141, 2]},
]
DPO = {"sigmoid": ("sigmoid", 0.0), "smoothed": ("aot", 0.1), "robust": ("robust", 0.1), "hinge": ("hinge", 0.0), "ipo": ("ipo", 0.0)}
ROWS = [
    {"prompt": [1, 40, 77, 130, 9], "completion": [55, 201, 33, 2], "label": True},
    {"prompt": [1, 66, 12], "completion": [17, 18, 19, 20, 180, 2], "label": False},
    {"prompt": [1, 99, 98, 97, 96, 20], "completion": [21, 22, 140, 24, 2], "label": True},
    {"prompt": [1, 80, 81, 82], "completion": [83, 2], "label": False},
    {"prompt": [1, 90], "completion": [91, 92, 93, 2], "label": False},
]
# three undesirable rows to two desirable ones
DESIRABLE, UNDESIRABLE = 1.5, 1.0


def policy(adapter):
    model = common.load(BASE)
    add_fused_lm_head(model, outputs=("log_probs", "entropy", "mean_logits", "is_top1"))
    return PeftModel.from_pretrained(model, adapter, is_trainable=True).eval()


def trainer(kind, model, **settings):
    """What the two methods read of a trainer."""
    made = kind.__new__(kind)
    made.__dict__.update(model=model, ref_model=None, accelerator=Accelerator(cpu=True), beta=BETA, aux_loss_enabled=False,
                         args=SimpleNamespace(gradient_checkpointing_kwargs=None), precompute_ref_logps=False, _tp_size=1,
                         _metrics={"eval": defaultdict(list)}, _total_train_tokens=0, **settings)
    return made


def dpo_batch(pairs):
    return DataCollatorForPreference(pad_token_id=common.PAD)([
        {f"{part}_ids": pair[part] for part in ("prompt", "chosen", "rejected")} for pair in pairs])


def dpo_trainer(model, kind, smoothing):
    return trainer(DPOTrainer, model, loss_types=[kind], loss_weights=[1.0], ld_alpha=None, f_divergence_type="reverse_kl",
                   label_smoothing=smoothing, use_weighting=False)


def dpo_pairs(model):
    """Log-probabilities and rewards of each pair, alone in its batch."""
    pairs = []
    for pair in PAIRS:
        batch, one = dpo_batch([pair]), dpo_trainer(model, "sigmoid", 0.0)
        one._compute_loss(model, batch, False)
        reference = one.compute_ref_log_probs(model, batch)
        values = dict(pair)
        for part, logps in zip(("chosen", "rejected"), reference):
            values[part + "_logps"] = one._metrics["eval"]["logps/" + part][0]
            values[part + "_reference_logps"] = logps.item()
            values[part + "_reward"] = one._metrics["eval"]["rewards/" + part][0]
        pairs.append(values)
    return pairs


def dpo(model, name, tensors):
    kind, smoothing = DPO[name]
    model.zero_grad()
    losses = torch.stack([dpo_trainer(model, kind, smoothing)._compute_loss(model, dpo_batch([pair]), False) for pair in PAIRS])
    losses.mean().backward()
    take_gradients(model, "dpo/" + name, tensors)
    if kind != "aot":
        together = dpo_trainer(model, kind, smoothing)._compute_loss(model, dpo_batch(PAIRS), False)
        assert torch.isclose(together, losses.mean(), rtol=1e-5), f"{name}: {together} together, {losses.mean()} alone"
    return {"type": kind, "beta": BETA, "label_smoothing": smoothing, "losses": losses.tolist(), "loss": losses.mean().item()}


def mismatched(rows):
    """As KTOTrainer's add_kl_completion_ids pairs them."""
    completions = [row["completion"] for row in rows]
    return [{"prompt": row["prompt"], "completion": other} for row, other in zip(rows, completions[-1:] + completions[:-1])]


def kto_batch(rows):
    return DataCollatorForUnpairedPreference(pad_token_id=common.PAD)([
        {"prompt_ids": row["prompt"], "completion_ids": row["completion"], "KL_completion_ids": other["completion"],
         "label": row["label"]} for row, other in zip(rows, mismatched(rows))])


def kto_trainer(model):
    return trainer(KTOTrainer, model, loss_type="kto", calculate_KL=True, desirable_weight=DESIRABLE,
                   undesirable_weight=UNDESIRABLE)


def kto_rows(model):
    rows = []
    for row in ROWS:
        batch, one = kto_batch([row]), kto_trainer(model)
        one._compute_loss(model, batch, False)
        reference, _ = one.compute_ref_log_probs(model, batch)
        part = "chosen" if row["label"] else "rejected"
        rows.append(row | {"logps": one._metrics["eval"]["logps/" + part][0], "reference_logps": reference.item(),
                           "reward": one._metrics["eval"]["rewards/" + part][0]})
    return rows


def kto(model, adapter, name, tensors):
    model.zero_grad()
    one, batch = kto_trainer(model), kto_batch(ROWS)
    loss = one._compute_loss(model, batch, False)
    loss.backward()
    take_gradients(model, "kto/" + name, tensors)
    pairs = [row | {"logps": p, "reference_logps": r} for row, p, r in zip(
        mismatched(ROWS), one._compute_kl_logps(model, batch).tolist(), one.compute_ref_log_probs(model, batch)[1].tolist())]
    return {"adapter": adapter, "beta": BETA, "desirable_weight": DESIRABLE, "undesirable_weight": UNDESIRABLE,
            "rows": kto_rows(model), "mismatched": pairs, "kl": one._metrics["eval"]["kl"][0], "loss": loss.item()}


def take_gradients(model, name, tensors):
    found = common.gradients(model)
    assert sum(gradient.norm() for gradient in found.values()) > 1e-3, f"{name} has no gradient"
    tensors |= {f"{name}.{key}": gradient for key, gradient in found.items()}


def make_willing(adapter):
    model = policy(adapter)
    batch = common.padded([common.learned_from(row["prompt"] + row["completion"], len(row["prompt"])) for row in mismatched(ROWS)])
    common.train(model, batch, common.adamw(model), steps=5)
    common.save_adapter(model, PREFERENCES / "willing", "llama3")


def make_all():
    shutil.rmtree(PREFERENCES, ignore_errors=True)
    PREFERENCES.mkdir()
    tensors, start = {}, BASE / "adapter"
    model = policy(start)
    values = {"adapter": "architectures/llama3/adapter", "pairs": dpo_pairs(model),
              "dpo": {name: dpo(model, name, tensors) for name in DPO}, "kto": {}}
    make_willing(start)
    for name, adapter in {"random": "architectures/llama3/adapter", "willing": "preferences/willing"}.items():
        values["kto"][name] = kto(policy(common.HERE / adapter), adapter, name, tensors)
    common.write(PREFERENCES, tensors, values)
    print({name: one["losses"] for name, one in values["dpo"].items()})
    print({name: (one["kl"], one["loss"]) for name, one in values["kto"].items()})
