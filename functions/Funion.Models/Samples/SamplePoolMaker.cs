using Funion.Inference;
using Funion.Mixing;
using Funion.Verification;

namespace Funion.Models.Samples;

/// <summary>
/// Makes a pool with the model at hand: certifies outputs, measures how far answers move when inputs do, and states an accuracy. Who certifies must have the
/// promised model; whoever uses the pool trusts that person for it.
/// </summary>
public static class SamplePoolMaker
{
    /// <summary>Draws of noise per sample to measure by, and by what the largest move is multiplied: queries are not the samples it was measured on.</summary>
    const int Draws = 4, Reserve = 2;

    /// <summary>The arithmetic of another processor or batch may differ so much, relative to the answer's largest element.</summary>
    const double Rounding = 1e-5;

    /// <summary>Makes a pool for the plain mode.</summary>
    /// <param name="model">The promised model.</param>
    /// <param name="certified">Inputs to certify outputs of. Ones so near to two labels that the slack could turn one into the other are left out.</param>
    /// <param name="labelled">Inputs with their labels.</param>
    /// <param name="noise">δ: how far elements of inputs may be moved.</param>
    /// <param name="promised">The accuracy that is promised; null: what the labelled ones show.</param>
    /// <param name="licence">On what terms the samples may be used.</param>
    /// <exception cref="ModelException">An input is none of the model's.</exception>
    public static SamplePool Make(
        ModelRunner model, IReadOnlyList<IReadOnlyList<Tensor>> certified, IReadOnlyList<(IReadOnlyList<Tensor> Input, int Label)> labelled, double noise,
        double? promised, string licence)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Make(model.Sha256, SampleForm.Plain, inputs => Run(model, inputs), certified, labelled, noise, promised, licence);
    }

    /// <summary>The same for any arithmetic. Where it is exact, in the two-party mode, nothing is moved and nothing may differ.</summary>
    /// <param name="sha256">Of the model's file, hex.</param>
    /// <param name="form">Whose arithmetic it is.</param>
    /// <param name="run">Encoded outputs to encoded inputs.</param>
    /// <param name="certified">As above.</param>
    /// <param name="labelled">As above.</param>
    /// <param name="noise">As above.</param>
    /// <param name="promised">As above.</param>
    /// <param name="licence">As above.</param>
    public static SamplePool Make(
        string sha256, SampleForm form, Func<byte[][], byte[][]> run, IReadOnlyList<IReadOnlyList<Tensor>> certified,
        IReadOnlyList<(IReadOnlyList<Tensor> Input, int Label)> labelled, double noise, double? promised, string licence)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(certified);
        ArgumentNullException.ThrowIfNull(labelled);
        byte[][] inputs = [.. certified.Select(TensorCodec.Encode)];
        byte[][] outputs = run(inputs);
        Tolerance tolerance = new(form == SampleForm.Plain ? noise : 0, 0);
        tolerance = tolerance with { Slack = form == SampleForm.Plain ? Slack(run, inputs, outputs, tolerance) : 0 };
        List<(ReadOnlyMemory<byte>, ReadOnlyMemory<byte>)> kept = [];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (Labels.Margin(outputs[i]) is not { } margin || margin > 2 * tolerance.Slack)
            {
                kept.Add((inputs[i], outputs[i]));
            }
        }
        byte[][] known = [.. labelled.Select(sample => TensorCodec.Encode(sample.Input))];
        int right = run(known).Zip(labelled).Count(pair => Labels.Of(pair.First) == pair.Second.Label);
        return new SamplePool
        {
            Model = new Bytes32(Convert.FromHexString(sha256)), Form = form, Tolerance = tolerance, Licence = licence,
            // Never one: nobody has asked about everything.
            Promised = known.Length == 0 ? 0 : promised ?? (right + 0.5) / (known.Length + 1),
            Certified = kept, Labelled = [.. known.Zip(labelled, (input, sample) => ((ReadOnlyMemory<byte>)input, sample.Label))],
        };
    }

    /// <summary>A pool of somebody's own held-out samples for a model that they do not have: labelled ones only.</summary>
    public static SamplePool HeldOut(
        Bytes32 model, SampleForm form, IReadOnlyList<(IReadOnlyList<Tensor> Input, int Label)> labelled, double promised, string licence) => new()
        {
            Model = model, Form = form, Promised = promised, Licence = licence,
            Labelled = [.. labelled.Select(sample => ((ReadOnlyMemory<byte>)TensorCodec.Encode(sample.Input), sample.Label))],
        };

    static double Slack(Func<byte[][], byte[][]> run, byte[][] inputs, byte[][] outputs, Tolerance tolerance)
    {
        double largest = outputs.Select(output => Elements(output).Select(Math.Abs).DefaultIfEmpty().Max()).DefaultIfEmpty().Max();
        double moved = 0;
        for (int draw = 0; tolerance.Noise > 0 && draw < Draws; draw++)
        {
            byte[][] noisy = run([.. inputs.Select(input => tolerance.Disguise(input, RandomSource.System).ToArray())]);
            moved = Math.Max(moved, noisy.Zip(outputs).Select(pair => Elements(pair.First).Zip(Elements(pair.Second), (a, b) => Math.Abs(a - b)).Max()).DefaultIfEmpty().Max());
        }
        return (Reserve * moved) + (Rounding * largest);
    }

    static IEnumerable<double> Elements(byte[] output) => TensorCodec.TryParse(output)!
        .Where(tensor => tensor.Datatype == Datatype.FP32).SelectMany(tensor => tensor.ToFloats()).Select(value => (double)value);

    static byte[][] Run(ModelRunner model, byte[][] inputs)
    {
        const int Batch = 64;
        List<byte[]> outputs = [];
        foreach (byte[][] some in inputs.Chunk(Batch))
        {
            outputs.AddRange(model.Run([.. some.Select(input => (ReadOnlyMemory<byte>)input)]).Select(answer => InferenceAnswer.TryParse(answer) is { Tensors: { } tensors }
                ? TensorCodec.Encode(tensors)
                : throw new ModelException("A sample is no input of the model.")));
        }
        return [.. outputs];
    }
}
