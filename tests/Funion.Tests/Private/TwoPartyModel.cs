using Funion.Private.Lattice;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Tests.Private;

/// <summary>
/// The protocol to come, as the papers write it: offline Enc(r) and W·r in shares, online x − r in the open to the server. Linear layers are real; a dealer stands in
/// for oblivious transfer and for the garbled circuits.
/// </summary>
sealed class TwoPartyModel(IntegerNetwork network, int seed)
{
    readonly LatticeParameters _parameters = new(network.Modulus);
    readonly Random _random = new(seed);

    public RingTensor Run(RingTensor input)
    {
        List<(RingTensor Client, RingTensor Server)> values = [input.Split()];
        foreach (IntegerLayer layer in network.Layers)
        {
            RingTensor[] client = [.. layer.Inputs.Select(value => values[value].Client)], server = [.. layer.Inputs.Select(value => values[value].Server)];
            values.Add(layer switch
            {
                LinearLayer linear => Linear(linear, client[0], server[0]),
                LocalLayer local => (local.Apply(client), local.Apply(server)),
                _ => layer.Apply([client[0].Plus(server[0])]).Split(),
            });
        }
        return values[^1].Client.Plus(values[^1].Server);
    }

    (RingTensor Client, RingTensor Server) Linear(LinearLayer layer, RingTensor client, RingTensor server)
    {
        RingTensor r = RingTensor.Uniform(network.Modulus, layer.Shape.Input);
        (RingTensor ofClient, RingTensor ofServer) = Layers.Share(new LinearLayout(_parameters, layer.Shape, layer.WeightBound), layer.Weights!, r, _random);
        // The server learns x − r, which is uniform.
        RingTensor opened = client.Reshaped(layer.Shape.Input).Minus(r).Plus(server.Reshaped(layer.Shape.Input));
        RingTensor share = layer.Multiply(opened).Plus(ofServer);
        layer.AddBias(share);
        return (ofClient, share);
    }
}
