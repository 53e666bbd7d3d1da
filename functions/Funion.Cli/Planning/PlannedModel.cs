using Funion.Models;
using Funion.Models.Digits;
using Funion.Private.Networks;
using Funion.Private.Planning;
using Funion.Private.Ring;
using Funion.Private.Serving;
using Funion.Cli.Benches;

namespace Funion.Cli.Planning;

/// <summary>A network to plan, with inputs to calibrate it on and, if it reads drawn digits, with what to train and to judge it by.</summary>
sealed record PlannedModel(string Name, FloatNetwork Network, IReadOnlyList<float[]> Samples, string Input, string Output, bool IsPicture)
{
    /// <summary>Pictures that accuracies are of.</summary>
    public const int Pictures = 2_000;

    const float Rate = 0.01f;

    /// <summary>Whether it takes what the drawer draws.</summary>
    public bool IsDigits => Network.Input == new TensorShape(1, 28, 28) && Network.Layers[^1].Output.Count == DigitModel.Labels.Count && IsPicture;

    /// <summary>Loads one; null with one sentence.</summary>
    /// <param name="name">Of a network that is known, or a file.</param>
    /// <param name="known">Which of the two.</param>
    /// <param name="problem">Why not.</param>
    public static PlannedModel? Load(string name, bool known, out string problem)
    {
        problem = "";
        if (known && name != DigitModel.Name)
        {
            FloatNetwork network = name == "minionn" ? Architectures.MiniOnn(1) : Architectures.ResNet32(1);
            Random random = new(1);
            return new PlannedModel(name, network, [.. Enumerable.Range(0, 3).Select(i => TwoPartyBench.Picture(name, network, random, i))], "image", "logits", IsPicture: true);
        }
        bool sample = name == DigitModel.Name;
        if (!sample && !File.Exists(name))
        {
            problem = $"There is no model '{name}': it is 'digits', or a file.";
            return null;
        }
        byte[] file = sample ? DigitModel.File() : File.ReadAllBytes(name);
        if (NetworkReader.TryRead(file) is not { Network: { } floats } reading)
        {
            problem = $"{name}: {NetworkReader.TryRead(file)}";
            return null;
        }
        IReadOnlyList<float[]>? samples = sample ? PrivateModels.DigitSamples() : PrivateModels.TryReadSamples(PrivateModels.SamplesOf(name), floats.Input.Count, out problem);
        if (samples is null)
        {
            return null;
        }
        using ModelRunner runner = ModelRunner.Load(file);
        return new PlannedModel(sample ? name : Path.GetFileNameWithoutExtension(name), floats, samples, runner.Inputs[0].Name, runner.Outputs[0].Name, runner.Inputs[0].Shape.Count == 4);
    }

    /// <summary>A set with its accuracy, of the integers that two parties run; trained on first, if there are steps for that and anything was exchanged.</summary>
    public PlannedSet Judged(ActivationPlanner planner, PlannedSet set, int steps)
    {
        if (steps > 0 && set.Set.Count > 0)
        {
            FloatNetwork trained = new NetworkTrainer(Network, [.. set.Set]).Run(thread => DigitTrainer.Drawn(71 + thread).GetEnumerator(), steps, Rate);
            set = planner.Count(set.Set, trained) ?? throw new ModelException("The sums of the trained network fit into no ring.");
        }
        return set with { Accuracy = DigitTrainer.HeldOutAccuracy(picture => set.Integers.Run(picture), Pictures) };
    }
}
