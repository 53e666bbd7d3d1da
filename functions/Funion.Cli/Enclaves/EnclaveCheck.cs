using System.Globalization;
using System.Text.Json.Nodes;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Private.Hidden;
using Funion.Private.Networks;
using Funion.Private.Serving;

namespace Funion.Cli.Enclaves;

/// <summary>What <c>funion model check</c> says of the enclave mode with hidden weights: whether, with how many bits, what is encrypted once and what crosses for a question.</summary>
static class EnclaveCheck
{
    /// <summary>One line for people, and the same for programs.</summary>
    public static (string Line, JsonObject Json) Of(byte[] file, string path, bool isSample)
    {
        if (NetworkReader.TryRead(file) is { Network: null } reading)
        {
            return No(reading.ToString());
        }
        FloatNetwork floats = NetworkReader.TryRead(file).Network!;
        string problem = "";
        if ((isSample ? PrivateModels.DigitSamples() : PrivateModels.TryReadSamples(PrivateModels.SamplesOf(path), floats.Input.Count, out problem)) is not { } samples)
        {
            return No($"once there are samples of its inputs: {problem}");
        }
        try
        {
            return Of(PrivateModels.Calibrate(floats, samples));
        }
        catch (Exception error) when (error is ModelException or ArgumentException)
        {
            return No(error.Message);
        }
    }

    /// <summary>The same of an integer network; one that cannot be laid out is an <see cref="ArgumentException"/>.</summary>
    public static (string Line, JsonObject Json) Of(IntegerNetwork network)
    {
        HiddenParameters parameters = new(network.Modulus);
        HiddenLayout[] layers = [.. network.Layers.OfType<LinearLayer>().Select(layer => new HiddenLayout(parameters, layer.Shape, layer.WeightBound))];
        long weights = layers.Sum(layer => (long)layer.WeightCiphertexts * layer.WeightSize), request = layers.Sum(layer => (long)layer.RequestSize), answer = layers.Sum(layer => (long)layer.AnswerSize);
        double spare = Math.Log2(HiddenParameters.NoiseBudget / layers.Max(layer => layer.NoiseBound));
        return (
            string.Create(CultureInfo.InvariantCulture,
                $"enclave: {network.Modulus.Bits} bits, {weights / 1e6:F1} MB of encrypted weights once, {request / 1e6:F1} MB out of the enclave and {answer / 1e6:F1} MB into it a question, {spare:F0} bits to spare for noise"),
            new JsonObject
            {
                ["offered"] = true, ["bits"] = network.Modulus.Bits, ["weight_bytes"] = weights, ["request_bytes"] = request, ["answer_bytes"] = answer, ["noise_bits_spare"] = Math.Round(spare, 1),
            });
    }

    static (string, JsonObject) No(string problem) => ($"enclave: no: {problem}", new JsonObject { ["offered"] = false, ["problems"] = new JsonArray(problem) });
}
