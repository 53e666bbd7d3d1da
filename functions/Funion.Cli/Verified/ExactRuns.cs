using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Private.Networks;
using Funion.Private.Serving;

namespace Funion.Cli.Verified;

/// <summary>A model's answers in the two-party mode, computed by whoever has the model: those of its integer network, bit for bit.</summary>
static class ExactRuns
{
    /// <summary>Which models cannot be asked by two parties for want of inputs beside them, a sentence each.</summary>
    public static IEnumerable<string> Missing(IReadOnlyList<(string Name, string File)> models) =>
        from model in models
        where File.Exists(model.File) && !File.Exists(PrivateModels.SamplesOf(model.File))
        select $"the model {model.Name} is not offered for two parties: there is no file {PrivateModels.SamplesOf(model.File)}";

    /// <summary>Encoded outputs to encoded inputs, of the network that a provider of the file offers.</summary>
    /// <exception cref="ModelException">The model cannot be asked by two parties.</exception>
    public static Func<byte[][], byte[][]> Of(ModelRunner model, string file)
    {
        string problem = "";
        IntegerNetwork network = (file == DigitModel.Name ? PrivateModels.Digits() : PrivateModels.TryLoad(file, out problem)) ?? throw new ModelException(problem);
        long[] shape = [.. model.Outputs[0].Shape.Select(dimension => Math.Max(1, dimension))];
        return inputs => [.. inputs.Select(input => TensorCodec.TryParse(input) is [{ Datatype: Datatype.FP32 } only] && only.Data.Length == sizeof(float) * network.Input.Count
            ? TensorCodec.Encode([Tensor.Of(model.Outputs[0].Name, shape, network.Run(only.ToFloats()))])
            : throw new ModelException("A sample is no input of the model."))];
    }
}
