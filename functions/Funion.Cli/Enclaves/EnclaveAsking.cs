using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Console;
using Funion.Client;
using Funion.Inference;
using Funion.Network;
using Funion.Private.Attestation;
using Funion.Private.Enclaves;
using Funion.Private.Networks;
using Funion.Private.Protocol;
using Funion.Private.Ring;

namespace Funion.Cli.Enclaves;

/// <summary>
/// Through the mixnet to an enclave: compute has encrypted weights and a sealed question, and reads neither; whose question it is, nobody knows. Keys of the asker are drawn
/// for each question.
/// </summary>
sealed class EnclaveAsking : WayOfAsking
{
    readonly PlainAsking _line;
    readonly EnclaveIdentity _enclave;
    readonly IntegerNetwork _network;

    EnclaveAsking(AskingRequest request, NetworkDocument document, ModelEntry model, ModelEntry sealedModel, EnclaveIdentity enclave, IntegerNetwork network) : base(model)
    {
        _line = new PlainAsking(request, document, sealedModel);
        (_enclave, _network) = (enclave, network);
    }

    public override bool HidesInputs => true;

    public override bool HasBuckets => true;

    public override IReadOnlyList<string> Stages => _line.Stages;

    /// <summary>A way, or the exit code of the error that was printed.</summary>
    public static (WayOfAsking? Way, int Code) Choose(AskingRequest request, NetworkDocument document, ModelEntry model)
    {
        if (model.Enclave is not { } entry || document.Model(entry.Model) is not { } sealedModel)
        {
            return (null, request.Output.Error(ExitCode.Failed, $"The model '{model.Name}' is not offered in enclave mode."));
        }
        if (AttestationFile.TryParse(entry.Attestation) is not { } attestation
            || ArchitectureReader.TryRead(entry.Architecture, out IntegerNetwork? network) != ArchitectureOutcome.Ok)
        {
            return (null, request.Output.Error(ExitCode.VerificationFailed, "What the network says of the enclave cannot be read."));
        }
        if (!AttestationTrustFile.TryRead(request, out AttestationTrust? trust))
        {
            return (null, (int)ExitCode.Failed);
        }
        AttestationOutcome outcome = attestation.Verify(trust, null, request.InsecureSimulator, DateTimeOffset.UtcNow);
        if (outcome != AttestationOutcome.Ok)
        {
            (string message, string? hint) = Commands.AttestCommand.Sentence(outcome);
            return (null, request.Output.Error(ExitCode.VerificationFailed, message, hint));
        }
        if (attestation.Kind == AttestationFile.Simulated)
        {
            request.Output.Note(SimulatedEvidence.Warning);
        }
        return (new EnclaveAsking(request, document, model, sealedModel, attestation.Identity, network!), 0);
    }

    public override Task OpenAsync(TimeSpan bucket, CancellationToken cancellation) => _line.OpenAsync(bucket, cancellation);

    public override async Task<InferenceAnswer> AskAsync(IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation)
    {
        float[] values = inputs is [{ Datatype: Datatype.FP32 } only] && only.ToFloats() is { } floats && floats.Length == _network.Input.Count
            ? floats
            : throw new FunionException(FunionError.BadInput, $"The enclave mode takes one FP32 tensor of {_network.Input.Count} values.");
        using DataOwner asker = new();
        byte[] question;
        using (RingTensor input = _network.Encode(values))
        {
            question = asker.Ask(_enclave, input);
        }
        Tensor bytes = Tensor.TryCreate(_line.Model.Inputs[0].Name, Datatype.UInt8, [question.Length], question)!;
        InferenceAnswer answer = await _line.AskAsync([bytes], progress, cancellation);
        if (answer.Tensors is not [{ } result])
        {
            return answer;
        }
        AnswerOutcome outcome = asker.TryOpen(_enclave, _network, question, result.Data.Span, out RingTensor? output);
        if (output is null)
        {
            throw new FunionException(FunionError.Damaged, $"The enclave's answer is none for this question: {outcome}.");
        }
        using (output)
        {
            TensorSpec spec = Model.Outputs[0];
            float[] decoded = _network.Decode(output);
            long[] shape = [.. spec.Shape.Select(dimension => Math.Max(1, dimension))];
            return shape.Aggregate(1L, (count, dimension) => count * dimension) == decoded.Length
                ? new InferenceAnswer([Tensor.Of(spec.Name, shape, decoded)], null)
                : throw new FunionException(FunionError.Damaged, "The architecture's output is not what the network document says of the model.");
        }
    }

    public override void Describe(JsonObject answer)
    {
        _line.Describe(answer);
        answer["mode"] = AskingRequest.Enclave;
        answer["enclave"] = new JsonObject { ["code"] = _enclave.Code.ToString(), ["model"] = _enclave.Model().ToString() };
    }

    public override Task FinishAsync(CancellationToken cancellation) => _line.FinishAsync(cancellation);

    public override ValueTask DisposeAsync() => _line.DisposeAsync();
}
