using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Private.Anonymous;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Serving;

namespace Funion.Cli.TwoParty;

/// <summary>What <c>funion model check</c> says of the two-party mode: whether, what is missing, what it costs, how near it comes to the float model.</summary>
static class TwoPartyCheck
{
    const int Pictures = 500;

    /// <summary>One line for people, and the same for programs.</summary>
    public static (string Line, JsonObject Json) Of(byte[] file, string path, ModelRunner runner)
    {
        NetworkReading reading = NetworkReader.TryRead(file);
        if (reading.Network is not { } floats)
        {
            return ($"two-party: {reading}", new JsonObject { ["offered"] = false, ["problems"] = new JsonArray([.. reading.Problems.Select(problem => JsonValue.Create(problem))]) });
        }
        bool own = SHA256.HashData(file).AsSpan().SequenceEqual(SHA256.HashData(DigitModel.File()));
        string problem = "";
        IReadOnlyList<float[]>? samples = own ? PrivateModels.DigitSamples() : PrivateModels.TryReadSamples(PrivateModels.SamplesOf(path), floats.Input.Count, out problem);
        return samples is null
            ? ($"two-party: it can be, with {floats.Activations} activations, once there are samples of its inputs: {problem}",
                new JsonObject { ["offered"] = false, ["activations"] = floats.Activations, ["problems"] = new JsonArray(problem) })
            : Measured(floats, samples, runner, own);
    }

    static (string Line, JsonObject Json) Measured(FloatNetwork floats, IReadOnlyList<float[]> samples, ModelRunner runner, bool labelled)
    {
        IntegerNetwork network;
        TwoPartyClient client;
        try
        {
            network = PrivateModels.Calibrate(floats, samples);
            client = new TwoPartyClient(network);
        }
        catch (Exception error) when (error is ModelException or ArgumentException)
        {
            return ($"two-party: no: {error.Message}", new JsonObject { ["offered"] = false, ["activations"] = floats.Activations, ["problems"] = new JsonArray(error.Message) });
        }
        // Samples of others have no labels: then only whether both models say the same.
        Accuracy accuracy = Accuracy.Measure(runner, network, labelled
            ? Enumerable.Range(0, Pictures).Select(i => (DigitTrainer.HeldOutPicture(i % 10, 50_000 + i), i % 10))
            : samples.Select(sample => (sample, -1)));
        ProtocolSizes offline = client.Offline(DirectAsking.Transfer), online = client.Online;
        bool anonymous = AnonymousProvider.BytesOf(network) <= AnonymousProvider.MostBytes;
        string line = string.Create(
            CultureInfo.InvariantCulture,
            $"two-party: {network.Activations} activations{(network.Quadratics > 0 ? $" and {network.Quadratics} squares" : "")} of {network.Modulus.Bits} bits, {offline.Bytes / 1e6:F2} MB offline and {online.Bytes / 1e6:F2} MB online, {(anonymous ? "on both channels" : "on the direct channel only")}; says what the float model says on {100 * accuracy.Agree:F1} % of {accuracy.Samples} inputs{(labelled ? $", right on {100 * accuracy.IntegerRight:F1} % where that is on {100 * accuracy.FloatRight:F1} %" : "")}, outputs within {100 * accuracy.LargestError:F1} %");
        JsonObject json = new()
        {
            ["offered"] = true, ["activations"] = network.Activations, ["squares"] = network.Quadratics, ["bits"] = network.Modulus.Bits, ["offline_bytes"] = offline.Bytes, ["online_bytes"] = online.Bytes,
            ["anonymous"] = anonymous, ["samples"] = accuracy.Samples, ["agree"] = accuracy.Agree, ["largest_error"] = accuracy.LargestError,
        };
        if (labelled)
        {
            (json["float_right"], json["integer_right"]) = (accuracy.FloatRight, accuracy.IntegerRight);
        }
        return (line, json);
    }
}
