using Funion.Private.Anonymous;
using Funion.Private.Lattice;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Ring;
using Funion.Tests.Private;
using Funion.Tests.Private.Protocol;

namespace Funion.Tests.Fuzzing;

/// <summary>Private inference: models that somebody else wrote, and the messages of the other party.</summary>
static partial class FuzzTargets
{
    static IEnumerable<FuzzTarget> Private()
    {
        RandomModels models = new(18);
        yield return new("ONNX model", typeof(NetworkReader), [.. Enumerable.Range(0, 6).Select(_ => models.Next().File), PolynomialTests.Model("mul"), PolynomialTests.Model("horner")], bytes =>
            NetworkReader.TryRead(bytes).Outcome == NetworkOutcome.Ok);
        RingTensor tensor = RingTensor.Uniform(new Modulus(27), new TensorShape(2, 3, 5));
        yield return new("share", typeof(RingTensor), [tensor.ToBytes()], bytes =>
            RingTensor.TryRead(tensor.Modulus, tensor.Shape, bytes) is { } read && Same(bytes, read.ToBytes()));
        LatticeParameters parameters = new(new Modulus(32));
        LinearLayout layout = new(parameters, ConvolutionShape.FullyConnected(4, 3));
        LatticeSecretKey key = LatticeSecretKey.Create(parameters);
        LatticePublicKey.TryRead(parameters, key.PublicKey, out LatticePublicKey? theirs);
        yield return new("public key of RLWE", typeof(LatticePublicKey), [key.PublicKey], bytes => LatticePublicKey.TryRead(parameters, bytes, out _) == LatticeOutcome.Ok);
        LinearClient client = new(key, layout);
        LinearServer server = new(layout, [.. Enumerable.Range(-6, 12)]);
        byte[] request = new byte[layout.RequestSize], answer = new byte[layout.AnswerSize];
        client.Encrypt(RingTensor.Uniform(parameters.Plain, layout.Shape.Input), request);
        RingTensor mask = new(parameters.Guarded, layout.Shape.Output);
        server.TryEvaluate(theirs!, request, answer, mask);
        yield return new("request of a linear layer", typeof(LinearServer), [request], bytes =>
            server.TryEvaluate(theirs!, bytes, new byte[layout.AnswerSize], mask) == LatticeOutcome.Ok);
        yield return new("answer of a linear layer", typeof(LinearClient), [answer], bytes => client.TryDecode(bytes, out _) == LatticeOutcome.Ok);
        yield return new("architecture of a network", typeof(ArchitectureReader), [ArchitectureFormat.ToBytes(TwoParties.Tiny()), ArchitectureFormat.ToBytes(TwoParties.Digits(24)), ArchitectureFormat.ToBytes(QuadraticTests.Mixed())], bytes =>
            ArchitectureReader.TryRead(bytes, out IntegerNetwork? read) == ArchitectureOutcome.Ok && Same(bytes, ArchitectureFormat.ToBytes(read!)));
        yield return new("speed of a line", typeof(Funion.Cli.Planning.LineSpeed), ["12.5MB/s"u8.ToArray(), "100Mbit/s"u8.ToArray()], bytes =>
            Funion.Cli.Planning.LineSpeed.TryParse(System.Text.Encoding.UTF8.GetString(bytes), out double speed) && speed > 0);
        yield return new("segment of a client", typeof(Segment), [Segment.Up(200, Segment.Piece, default, 7, 9, [1, 2, 3])], bytes =>
            Segment.TryReadUp(bytes, out var up) && up.Bytes.Length <= bytes.Length && up.Offset >= 0 && up.Wanted >= 0);
        yield return new("segment of a server", typeof(Segment), [Segment.Down(200, Segment.Open, 7, 9, 5, [1, 2, 3])], bytes =>
            Segment.TryReadDown(bytes, out var down) && down.Bytes.Length <= bytes.Length && down.Offset >= 0);
    }
}
