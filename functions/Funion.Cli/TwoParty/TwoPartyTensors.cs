using Funion.Client;
using Funion.Inference;
using Funion.Network;
using Funion.Private.Protocol;
using Funion.Private.Ring;

namespace Funion.Cli.TwoParty;

/// <summary>Between a question's tensors and the ring.</summary>
static class TwoPartyTensors
{
    /// <exception cref="FunionException">It is no input of the architecture.</exception>
    public static RingTensor Encode(TwoPartyClient client, IReadOnlyList<Tensor> inputs)
    {
        if (inputs is not [{ Datatype: Datatype.FP32 } only])
        {
            throw new FunionException(FunionError.BadInput, "The two-party mode takes one FP32 tensor.");
        }
        float[] input = only.ToFloats();
        return input.Length == client.Network.Input.Count
            ? client.Network.Encode(input)
            : throw new FunionException(FunionError.BadInput, $"The input has {input.Length} values, and the model takes {client.Network.Input.Count}.");
    }

    /// <summary>The answer; the ring's is wiped.</summary>
    /// <exception cref="FunionException">The document and the architecture say different things of the output.</exception>
    public static Tensor Decode(TwoPartyClient client, ModelEntry model, RingTensor output)
    {
        using RingTensor owned = output;
        float[] values = client.Network.Decode(owned);
        TensorSpec spec = model.Outputs[0];
        long[] shape = [.. spec.Shape.Select(dimension => Math.Max(1, dimension))];
        return shape.Aggregate(1L, (count, dimension) => count * dimension) == values.Length
            ? Tensor.Of(spec.Name, shape, values)
            : throw new FunionException(FunionError.Damaged, "The architecture's output is not what the network document says of the model.");
    }
}
