using System.Security.Cryptography;
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
/// Through the mixnet to an enclave: compute has encrypted weights and a sealed question, and reads neither; whose question it is, nobody knows. First a nonce goes the same way,
/// and evidence for it comes back, with the policy. Keys of the asker are drawn for each question.
/// </summary>
sealed class EnclaveAsking : WayOfAsking
{
    readonly AskingRequest _request;
    readonly PlainAsking _line;
    readonly AttestationFile _published;
    readonly AttestationTrust? _trust;
    readonly IntegerNetwork _network;
    AttestationFile? _evidence;

    EnclaveAsking(
        AskingRequest request, NetworkDocument document, ModelEntry model, ModelEntry sealedModel, AttestationFile published, AttestationTrust? trust, IntegerNetwork network)
        : base(model)
    {
        // Two jobs, one after the other.
        _line = new PlainAsking(request with { Extend = request.Extend is { } extend ? one => extend(2 * one) : null }, document, sealedModel);
        (_request, _published, _trust, _network) = (request, published, trust, network);
    }

    public override bool HidesInputs => true;

    public override bool HasBuckets => true;

    public override IReadOnlyList<string> Stages => _line.Stages;

    EnclaveIdentity Enclave => (_evidence ?? throw new InvalidOperationException("It is not open.")).Identity;

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
        if (!AttestationTrustFile.Load(request.Output, request.Trust, out AttestationTrust? trust))
        {
            return (null, (int)ExitCode.Failed);
        }
        AttestationOutcome outcome = attestation.Verify(trust, null, request.InsecureSimulator, DateTimeOffset.UtcNow);
        // The document's is as old as the document; what is asked for now is not.
        if (outcome is not (AttestationOutcome.Ok or AttestationOutcome.Expired))
        {
            (string message, string? hint) = Commands.AttestCommand.Sentence(outcome);
            return (null, request.Output.Error(ExitCode.VerificationFailed, message, hint));
        }
        if (attestation.Kind == AttestationFile.Simulated)
        {
            request.Output.Note(SimulatedEvidence.Warning);
        }
        return (new EnclaveAsking(request, document, model, sealedModel, attestation, trust, network!), 0);
    }

    public override int BatchOf(ModelEntry provider) => _line.Model.Batch;

    public override async Task OpenAsync(TimeSpan bucket, CancellationToken cancellation)
    {
        await _line.OpenAsync(bucket, cancellation);
        _request.Output.Note("asking the enclave what it is, with a nonce");
        Bytes32 nonce = new(RandomNumberGenerator.GetBytes(Bytes32.Size));
        InferenceAnswer answer = await _line.AskAsync(
            [Tensor.TryCreate(EnclaveJobs.Nonce, Datatype.UInt8, [Bytes32.Size], nonce.AsSpan().ToArray())!], _ => { }, cancellation);
        if (answer.Tensors is not [{ Name: EnclaveJobs.Evidence } bytes] || AttestationFile.TryParse(bytes.Data.Span) is not { } evidence)
        {
            throw new FunionException(FunionError.Damaged, "The enclave gives no evidence.");
        }
        ulong newest = HomeCounters.Newest(_published.Identity.SigningKey);
        if (EvidenceCheck.Problem(_published, evidence, _trust, nonce, _request.InsecureSimulator, newest, DateTimeOffset.UtcNow) is { } problem)
        {
            throw new FunionException(FunionError.Damaged, problem);
        }
        await HomeCounters.RaiseAsync(evidence.Identity.SigningKey, evidence.Identity.Counter, cancellation);
        using (DataOwner asker = Asker())
        {
            if (PolicyText.Excludes(evidence.Policy!, asker) is { } excluded)
            {
                throw new FunionException(FunionError.Refused, excluded);
            }
        }
        _request.Output.Note(PolicyText.Sentence(evidence.Policy!));
        _evidence = evidence;
    }

    public override async Task<InferenceAnswer> AskAsync(IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation)
    {
        float[] values = inputs is [{ Datatype: Datatype.FP32 } only] && only.ToFloats() is { } floats && floats.Length == _network.Input.Count
            ? floats
            : throw new FunionException(FunionError.BadInput, $"The enclave mode takes one FP32 tensor of {_network.Input.Count} values.");
        ulong newest = HomeCounters.Newest(Enclave.SigningKey);
        using DataOwner asker = Asker();
        asker.Saw(Enclave.SigningKey, newest);
        byte[] question;
        using (RingTensor input = _network.Encode(values))
        {
            question = asker.Ask(Enclave, input);
        }
        Tensor bytes = Tensor.TryCreate(EnclaveJobs.Question, Datatype.UInt8, [question.Length], question)!;
        InferenceAnswer answer = await _line.AskAsync([bytes], progress, cancellation);
        if (answer.Tensors is not [{ } result])
        {
            return answer;
        }
        if (result is { Name: EnclaveJobs.Refusal, Data.Length: 1 })
        {
            throw Refused((EnclaveRefusal)result.Data.Span[0]);
        }
        AnswerOutcome outcome = asker.TryOpen(Enclave, _network, question, result.Data.Span, out RingTensor? output);
        if (output is null)
        {
            throw new FunionException(FunionError.Damaged, outcome == AnswerOutcome.RolledBack
                ? "The enclave was rolled back: its receipt counts no further than what was seen before the question."
                : $"The enclave's answer is none for this question: {outcome}.");
        }
        using (output)
        {
            await HomeCounters.RaiseAsync(Enclave.SigningKey, asker.Newest(Enclave.SigningKey), cancellation);
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
        answer["enclave"] = new JsonObject
        {
            ["kind"] = _evidence!.Kind, ["code"] = Enclave.Code.ToString(), ["model"] = Enclave.Model().ToString(), ["counter"] = Enclave.Counter,
            ["policy"] = PolicyText.Json(_evidence.Policy!),
        };
    }

    public override Task FinishAsync(CancellationToken cancellation) => _line.FinishAsync(cancellation);

    public override ValueTask DisposeAsync() => _line.DisposeAsync();

    /// <summary>Fresh keys, or those of a file; each question has an object of its own.</summary>
    DataOwner Asker() => _request.EnclaveKey is not { } path ? new DataOwner()
        : AskerKeyFile.Load(path, make: false, out string problem) ?? throw new FunionException(FunionError.Refused, problem);

    /// <summary>What a refusal means. The cloud may say any of them, as it may say nothing.</summary>
    internal static FunionException Refused(EnclaveRefusal refusal) => refusal switch
    {
        EnclaveRefusal.RolledBack => new FunionException(FunionError.Damaged, "The enclave was rolled back: it says itself that the question names a counter that it has not reached."),
        EnclaveRefusal.NotAllowed => new FunionException(FunionError.Refused, "The model's policy does not let this one ask: it names who may, and for whom answers are sealed."),
        EnclaveRefusal.QuotaSpent => new FunionException(FunionError.Refused, "All questions that the model's policy grants have been asked."),
        EnclaveRefusal.Stale => new FunionException(FunionError.Refused, "More than a thousand questions came between the evidence and this one; ask again."),
        EnclaveRefusal.WrongAnswer => new FunionException(FunionError.Damaged, "The cloud gave the enclave a product that is none of this model and question, and so there is no answer."),
        _ => new FunionException(FunionError.Refused, $"The enclave does not answer: {refusal}."),
    };
}
