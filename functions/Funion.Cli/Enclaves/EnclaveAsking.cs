using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Funion.Cli.Asking;
using Funion.Cli.Console;
using Funion.Cli.Planning;
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
    readonly NetworkDocument _document;
    readonly AttestationTrust? _trust;
    readonly LoneSession _line;
    readonly EnclaveSeat _chosen;
    readonly Lazy<IReadOnlyDictionary<NodeId, EnclaveSeat>> _seats;
    TimeSpan _bucket;

    /// <summary>Asks.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="document">The network.</param>
    /// <param name="chosen">Whom.</param>
    /// <param name="trust">What evidence is held to; null: the simulator only.</param>
    /// <param name="line">Null: a session through the mixnet.</param>
    internal EnclaveAsking(AskingRequest request, NetworkDocument document, EnclaveSeat chosen, AttestationTrust? trust, LoneSession? line = null)
        : base(chosen.Model)
    {
        (_request, _document, _chosen, _trust, _line) = (request, document, chosen, trust, line ?? new LoneSession(request, document));
        _seats = new(() => Seats().DistinctBy(seat => seat.Model.Compute).ToDictionary(seat => seat.Model.Compute));
    }

    public override bool HidesInputs => true;

    public override bool HasBuckets => true;

    public override IReadOnlyList<string> Stages => PlainAsking.PlainStages;

    /// <summary>With an enclave that is trusted alike, and jobs of the same size at the same boundaries: nobody sees who is asked.</summary>
    public override IReadOnlyList<ModelEntry> SameModel => [.. _seats.Value.Values.Select(seat => seat.Model)];

    /// <summary>A way, or the exit code of the error that was printed. What can be known of keys and policy is known before anything is sent.</summary>
    public static (WayOfAsking? Way, int Code) Choose(AskingRequest request, NetworkDocument document, ModelEntry model)
    {
        if (model.Enclave is not { } entry || document.Model(entry.Model) is null)
        {
            return (null, request.Output.Error(ExitCode.Failed, $"The model '{model.Name}' is not offered in enclave mode.", "see which modes each model has with: funion models"));
        }
        string problem = "";
        using DataOwner? asker = request.EnclaveKey is not { } path ? new DataOwner() : AskerKeyFile.Load(path, make: false, out problem);
        if (asker is null)
        {
            return (null, request.Output.Error(ExitCode.Failed, problem, "keys are made with: funion model asker FILE"));
        }
        if (EnclaveSeat.Of(document, model) is not { } seat)
        {
            return (null, request.Output.Error(ExitCode.VerificationFailed, "What the network says of the enclave cannot be read."));
        }
        if (!AttestationTrustFile.Load(request.Output, request.Trust, out AttestationTrust? trust))
        {
            return (null, (int)ExitCode.Failed);
        }
        AttestationOutcome outcome = seat.Check(trust, request.InsecureSimulator);
        if (outcome != AttestationOutcome.Ok)
        {
            (string message, string? hint) = Commands.AttestCommand.Sentence(outcome);
            return (null, request.Output.Error(ExitCode.VerificationFailed, message, hint));
        }
        if (seat.Published.Policy is { } policy && PolicyText.Excludes(policy, asker, request.EnclaveKey is not null) is { } excluded)
        {
            return (null, request.Output.Error(ExitCode.Failed, excluded));
        }
        if (seat.Published.Kind == AttestationFile.Simulated)
        {
            request.Output.Note(SimulatedEvidence.Warning);
        }
        return (new EnclaveAsking(request, document, seat, trust), 0);
    }

    public override int BatchOf(ModelEntry provider) => SeatOf(provider).Jobs.Batch;

    public override async Task OpenAsync(TimeSpan bucket, CancellationToken cancellation)
    {
        _bucket = bucket;
        // Two jobs, one after the other.
        _request.Extend?.Invoke(2 * LatencyPlan.Patience(_document, _chosen.Jobs, bucket));
        await _line.OpenAsync(cancellation);
        _request.Output.Note(PolicyText.Sentence((await EvidenceOfAsync(_chosen, cancellation)).Policy!));
    }

    public override Task<InferenceAnswer> AskAsync(IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation) =>
        AskAsync(Model, inputs, progress, cancellation);

    public override async Task<InferenceAnswer> AskAsync(ModelEntry provider, IReadOnlyList<Tensor> inputs, Action<ClientProgress> progress, CancellationToken cancellation)
    {
        EnclaveSeat seat = SeatOf(provider);
        IntegerNetwork network = seat.Network;
        float[] values = inputs is [{ Datatype: Datatype.FP32 } only] && only.ToFloats() is { } floats && floats.Length == network.Input.Count
            ? floats
            : throw new FunionException(FunionError.BadInput, $"The enclave mode takes one FP32 tensor of {network.Input.Count} values.");
        EnclaveIdentity enclave = (await EvidenceOfAsync(seat, cancellation)).Identity;
        ulong newest = HomeCounters.Newest(enclave.SigningKey);
        using DataOwner asker = Asker();
        asker.Saw(enclave.SigningKey, newest);
        byte[] question;
        using (RingTensor input = network.Encode(values))
        {
            question = asker.Ask(enclave, input);
        }
        Tensor bytes = Tensor.TryCreate(EnclaveJobs.Question, Datatype.UInt8, [question.Length], question)!;
        InferenceAnswer answer = await _line.AskAsync(seat.Jobs, [bytes], _bucket, progress, cancellation);
        if (answer.Tensors is not [{ } result])
        {
            return answer;
        }
        if (result is { Name: EnclaveJobs.Refusal, Data.Length: 1 })
        {
            throw Refused((EnclaveRefusal)result.Data.Span[0]);
        }
        AnswerOutcome outcome = asker.TryOpen(enclave, network, question, result.Data.Span, out RingTensor? output);
        if (output is null)
        {
            throw new FunionException(FunionError.Damaged, outcome == AnswerOutcome.RolledBack
                ? "The enclave was rolled back: its receipt counts no further than what was seen before the question."
                : $"The enclave's answer is none for this question: {outcome}.");
        }
        using (output)
        {
            await HomeCounters.RaiseAsync(enclave.SigningKey, asker.Newest(enclave.SigningKey), cancellation);
            TensorSpec spec = Model.Outputs[0];
            float[] decoded = network.Decode(output);
            long[] shape = [.. spec.Shape.Select(dimension => Math.Max(1, dimension))];
            return shape.Aggregate(1L, (count, dimension) => count * dimension) == decoded.Length
                ? new InferenceAnswer([Tensor.Of(spec.Name, shape, decoded)], null)
                : throw new FunionException(FunionError.Damaged, "The architecture's output is not what the network document says of the model.");
        }
    }

    public override void Describe(JsonObject answer)
    {
        _line.Describe(answer);
        AttestationFile evidence = _chosen.Evidence ?? throw new InvalidOperationException("It is not open.");
        answer["mode"] = AskingRequest.Enclave;
        answer["enclave"] = new JsonObject
        {
            ["kind"] = evidence.Kind, ["code"] = evidence.Identity.Code.ToString(), ["model"] = evidence.Identity.Model().ToString(), ["counter"] = evidence.Identity.Counter,
            ["policy"] = PolicyText.Json(evidence.Policy!),
        };
    }

    public override Task FinishAsync(CancellationToken cancellation) => _line.FinishAsync(cancellation);

    public override async ValueTask DisposeAsync()
    {
        await _line.DisposeAsync();
        foreach (EnclaveSeat seat in _seats.IsValueCreated ? _seats.Value.Values : [_chosen])
        {
            seat.Dispose();
        }
    }

    EnclaveSeat SeatOf(ModelEntry provider) =>
        provider.Compute == _chosen.Model.Compute ? _chosen
        : _seats.Value.GetValueOrDefault(provider.Compute) ?? throw new ArgumentException("It is none of the same model's.", nameof(provider));

    IEnumerable<EnclaveSeat> Seats() =>
    [
        _chosen, .. _document.Models.Where(other => other.Compute != Model.Compute && other.Sha256 == Model.Sha256).Select(other => EnclaveSeat.Of(_document, other)).OfType<EnclaveSeat>()
            .Where(seat => seat.IsLike(_chosen) && seat.Check(_trust, _request.InsecureSimulator) == AttestationOutcome.Ok),
    ];

    /// <summary>What an enclave proves of itself for a nonce of ours, once a session.</summary>
    async Task<AttestationFile> EvidenceOfAsync(EnclaveSeat seat, CancellationToken cancellation)
    {
        await seat.Turn.WaitAsync(cancellation);
        try
        {
            return seat.Evidence ??= await AskEvidenceAsync(seat, cancellation);
        }
        finally
        {
            seat.Turn.Release();
        }
    }

    async Task<AttestationFile> AskEvidenceAsync(EnclaveSeat seat, CancellationToken cancellation)
    {
        _request.Output.Note("asking the enclave what it is, with a nonce");
        Bytes32 nonce = new(RandomNumberGenerator.GetBytes(Bytes32.Size));
        InferenceAnswer answer = await _line.AskAsync(
            seat.Jobs, [Tensor.TryCreate(EnclaveJobs.Nonce, Datatype.UInt8, [Bytes32.Size], nonce.AsSpan().ToArray())!], _bucket, null, cancellation);
        if (answer.Tensors is not [{ Name: EnclaveJobs.Evidence } bytes] || AttestationFile.TryParse(bytes.Data.Span) is not { } evidence)
        {
            throw new FunionException(FunionError.Damaged, "The enclave gives no evidence.");
        }
        ulong newest = HomeCounters.Newest(seat.Published.Identity.SigningKey);
        if (EvidenceCheck.Problem(seat.Published, evidence, _trust, nonce, _request.InsecureSimulator, newest, DateTimeOffset.UtcNow) is { } problem)
        {
            throw new FunionException(FunionError.Damaged, problem);
        }
        await HomeCounters.RaiseAsync(evidence.Identity.SigningKey, evidence.Identity.Counter, cancellation);
        using DataOwner asker = Asker();
        return PolicyText.Excludes(evidence.Policy!, asker, _request.EnclaveKey is not null) is { } excluded ? throw new FunionException(FunionError.Refused, excluded) : evidence;
    }

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
        _ => new FunionException(FunionError.Refused, $"The enclave does not answer: {RefusalText.Of(refusal)}."),
    };
}
