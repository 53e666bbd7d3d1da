using System.Security.Cryptography;
using Funion.Private.Enclaves;
using Funion.Private.Hidden;
using Funion.Private.Lattice;
using Funion.Private.Networks;
using Funion.Private.Ring;

namespace Funion.Enclave;

/// <summary>One small question in both variants from end to end, before anything is trusted to this process.</summary>
static class SelfTest
{
    /// <summary>Throws when an answer is not the reference's.</summary>
    public static void Run()
    {
        string path = Path.GetTempFileName();
        File.Delete(path);
        try
        {
            foreach (bool hidden in (bool[])[true, false])
            {
                using Platform platform = new(path + hidden);
                using EnclaveCore core = new(platform, default, (_, _) => true);
                Ask(core, hidden);
                File.Delete(path + hidden);
            }
        }
        finally
        {
            File.Delete(path + true);
            File.Delete(path + false);
        }
    }

    static void Ask(EnclaveCore core, bool hidden)
    {
        IntegerNetwork network = Network();
        using ModelOwner owner = new();
        using DataOwner asker = new();
        Expect(core.Handle(EnclaveMessage.Restore, []), EnclaveMessage.Ok);
        byte[] created = Expect(core.Handle(EnclaveMessage.Create, new EnclavePolicy(hidden ? 24 : 0, owner.Key, 1, [], []).ToBytes()), EnclaveMessage.Created);
        EnclaveOffer offer = EnclaveOffer.TryRead(created) ?? throw Failure();
        HiddenLayer? layer = hidden ? new HiddenLayer(new HiddenLayout(new HiddenParameters(network.Modulus), ((LinearLayer)network.Layers[0]).Shape, 127)) : null;
        List<byte[]> weights = [];
        byte[] provision = owner.Seal(network, offer.Identity, offer.PublicKey, weights.Add);
        Expect(core.Handle(EnclaveMessage.Provide, [.. offer.Model.AsSpan(), .. provision]), EnclaveMessage.Ok);
        foreach (byte[] ciphertext in weights)
        {
            layer!.Add(ciphertext);
            Expect(core.Handle(EnclaveMessage.Weights, [.. offer.Model.AsSpan(), .. ciphertext]), EnclaveMessage.Ok);
        }
        RingTensor input = RingTensor.Of(network.Modulus, network.Input, [3, -4, 5, -6]);
        byte[] question = asker.Ask(offer.Identity, input);
        byte[] request = Expect(core.Handle(EnclaveMessage.Ask, [.. offer.Model.AsSpan(), .. question]), EnclaveMessage.Request);
        byte[] answer = layer is null ? Open(network, request.AsSpan(36).ToArray()) : new byte[layer.Layout.AnswerSize];
        layer?.TryEvaluate([request.AsSpan(36).ToArray()], [answer], threads: 1);
        byte[] result = Expect(core.Handle(EnclaveMessage.Answer, [.. request.AsSpan(0, 32), .. answer]), EnclaveMessage.Result);
        if (asker.TryOpen(offer.Identity, network, question, result.AsSpan(32), out RingTensor? output) != AnswerOutcome.Ok
            || !output!.Elements.SequenceEqual(network.Run(input).Elements))
        {
            throw Failure();
        }
        Expect(core.Handle(EnclaveMessage.Forget, request.AsSpan(0, 32)), EnclaveMessage.Ok);
    }

    static byte[] Open(IntegerNetwork network, byte[] request)
    {
        LinearLayer linear = (LinearLayer)network.Layers[0];
        LinearServer server = new(new LinearLayout(new LatticeParameters(network.Modulus), linear.Shape, linear.WeightBound), linear.Weights);
        byte[] answer = new byte[server.Layout.AnswerSize];
        server.TryMultiply(request, answer, threads: 1);
        return answer;
    }

    static IntegerNetwork Network()
    {
        ConvolutionShape shape = new(new TensorShape(1, 2, 2), 2, Window.Square(1));
        return new IntegerNetwork(new Modulus(24), shape.Input, 1, [
            new LinearLayer("1", 0, shape, 127, [100, -100], [7, -7]),
            new NonlinearLayer("2", 1, shape.Output, Window.Square(2), true, 2, 120),
            new SumPoolLayer("3", 2, new TensorShape(2, 1, 1), Window.Point),
            new AddLayer("4", 2, 3, new TensorShape(2, 1, 1), 1, 0),
            new NonlinearLayer("5", 4, new TensorShape(2, 1, 1), null, true, 1, null),
        ], 1);
    }

    static byte[] Expect((EnclaveMessage Kind, byte[] Body) answer, EnclaveMessage kind) => answer.Kind == kind ? answer.Body : throw Failure();

    static CryptographicException Failure() => new("The enclave's test of itself failed.");
}
