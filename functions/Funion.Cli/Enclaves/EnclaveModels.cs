using System.Diagnostics;
using Funion.Inference;
using Funion.Network;
using Funion.Private.Attestation;
using Funion.Private.Enclaves;
using Funion.Private.Networks;

namespace Funion.Cli.Enclaves;

/// <summary>
/// The models of a local network that are asked through an enclave: a SIMULATED one, whose process this one starts. Either this process is owner and cloud in one, so that the mode
/// can be tried on one machine; or it is the cloud, and models are those that their owners sealed and the provider published in a folder.
/// </summary>
sealed class EnclaveModels : IDisposable
{
    /// <summary>What sealed questions are sent to, beside the model's own name.</summary>
    const string Suffix = ".enclave";

    /// <summary>For as long a job that compute took before may come again.</summary>
    static readonly TimeSpan s_patience = TimeSpan.FromHours(1);

    /// <summary>After these nothing follows for a question.</summary>
    static readonly EnclaveRefusal[] s_ends = [EnclaveRefusal.None, EnclaveRefusal.WrongAnswer, EnclaveRefusal.ResumedTooOften];

    readonly Dictionary<string, OfferedModel> _models = new(StringComparer.Ordinal);
    readonly RunFolder? _ofRun;
    readonly EnclaveHost _host;
    readonly Lock _turn = new();
    readonly long _began = Stopwatch.GetTimestamp();
    IReadOnlyList<Bytes32> _left = [];

    /// <summary>Starts the enclave and provides it with models whose weights the cloud has encrypted only.</summary>
    /// <param name="program">Of the enclave.</param>
    /// <param name="networks">With their weights: this process is the owner.</param>
    /// <param name="kept">The enclave's folder, where it and its models are found again; null: they are of this run.</param>
    /// <param name="note">Told what the enclave says.</param>
    /// <exception cref="InvalidOperationException">The enclave refused.</exception>
    public EnclaveModels(string program, IReadOnlyDictionary<string, IntegerNetwork> networks, string? kept, Action<string>? note = null)
    {
        _ofRun = kept is null ? RunFolder.Make("funion-enclave-") : null;
        try
        {
            EnclaveFolder folder = new(kept ?? _ofRun!.Path);
            _host = folder.Open(program, _ofRun is null ? note : null);
            _left = _host.UnderWay;
            // Quadratic activations are for two parties only.
            foreach ((string name, IntegerNetwork network) in networks.Where(model => model.Value.Quadratics == 0))
            {
                _models[name + Suffix] = OwnModel.Provide(_host, folder, name, network) with { Card = null };
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Starts the enclave of a folder, with what was published there.</summary>
    /// <exception cref="InvalidOperationException">The enclave refused.</exception>
    public EnclaveModels(string program, EnclaveFolder folder, Action<string>? note = null)
    {
        _host = folder.Open(program, note);
        try
        {
            _left = _host.UnderWay;
            if (!folder.Published().Any())
            {
                note?.Invoke($"no model is published in {folder.Path}; one is with: funion model publish SEALED --enclave {folder.Path}");
            }
            foreach (string path in folder.Published())
            {
                if (Problem(path) is { } problem)
                {
                    note?.Invoke($"{path} is not offered: {problem}");
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Names to which sealed questions are sent.</summary>
    public IEnumerable<string> Names => _models.Keys;

    /// <summary>Cards of models that are asked through the enclave and in no other way.</summary>
    public IEnumerable<SealedModelCard> Published => _models.Values.Select(model => model.Card).OfType<SealedModelCard>();

    /// <summary>What the document says of a model; null when it is not asked so.</summary>
    public EnclaveEntry? Entry(string name) => _models.TryGetValue(name + Suffix, out OfferedModel? model)
        ? new EnclaveEntry(name + Suffix, model.Architecture, Describe(model, default))
        : null;

    /// <summary>Inputs and outputs of a name that takes sealed questions. Evidence comes back in the same boxes as answers.</summary>
    public (TensorSpec Input, TensorSpec Output) Specs(string name) => (
        new TensorSpec(EnclaveJobs.Question, "UINT8", [DataOwner.QuestionSize(_models[name].Network)]),
        new TensorSpec(EnclaveJobs.Evidence, "UINT8", [Math.Max(DataOwner.ResultSize(_models[name].Network), Describe(_models[name], default).Length)]));

    /// <summary>SHA-256 of nothing but a name: the file is its owner's.</summary>
    public string Digest(string name) => _models[name].Cloud.Name.ToString();

    /// <summary>Runs one batch of sealed questions and nonces; answers are sealed, or failures.</summary>
    public ValueTask<IReadOnlyList<byte[]>> RunAsync(string name, IReadOnlyList<ReadOnlyMemory<byte>> inputs, CancellationToken cancellation) =>
        _models.TryGetValue(name, out OfferedModel? model)
            ? new(Task.Run(() => Run(model, inputs), cancellation))
            : new((IReadOnlyList<byte[]>)[.. inputs.Select(_ => InferenceAnswer.Fail(InferenceFailure.WrongInput))]);

    /// <inheritdoc/>
    public void Dispose()
    {
        // Null where it did not start.
        _host?.Dispose();
        _ofRun?.Dispose();
    }

    string? Problem(string path)
    {
        if (SealedModelFile.TryOpen(() => File.OpenRead(path)) is not { } file || file.Card.TryMakeCloud() is not { } cloud)
        {
            return "it is no sealed model";
        }
        EnclaveRefusal refused = _host.Attach(cloud, file.Weights);
        if (refused == EnclaveRefusal.None)
        {
            _models[file.Card.Name + Suffix] = OfferedModel.Of(file.Card, cloud);
        }
        return refused == EnclaveRefusal.None ? null : $"the enclave refuses it: {RefusalText.Of(refused)}";
    }

    byte[] Describe(OfferedModel model, in Bytes32 nonce)
    {
        lock (_turn)
        {
            (EnclaveIdentity identity, byte[] evidence) = _host.Describe(nonce, model.Cloud.Name) ?? throw new InvalidOperationException("The enclave says nothing of itself.");
            return new AttestationFile(AttestationFile.Simulated, identity, evidence, model.Policy).ToJson();
        }
    }

    IReadOnlyList<byte[]> Run(OfferedModel model, IReadOnlyList<ReadOnlyMemory<byte>> inputs)
    {
        Tensor?[] asked = [.. inputs.Select(input => TensorCodec.TryParse(input) is [{ Datatype: Datatype.UInt8 } only] ? only : null)];
        byte[][] questions = [.. asked.Where(tensor => tensor?.Name == EnclaveJobs.Question).Select(tensor => tensor!.Data.ToArray())];
        lock (_turn)
        {
            IReadOnlyList<EnclaveReply> replies = _host.AskThrough(model.Cloud, questions);
            int next = 0;
            byte[][] answers = [.. asked.Select(tensor => tensor switch
            {
                { Name: EnclaveJobs.Question } => Encode(replies[next++]),
                { Name: EnclaveJobs.Nonce, Data.Length: Bytes32.Size } => Encode(EnclaveJobs.Evidence, Describe(model, new Bytes32(tensor.Data.Span))),
                _ => InferenceAnswer.Fail(InferenceFailure.Malformed),
            })];
            foreach (EnclaveReply reply in replies.Where(reply => s_ends.Contains(reply.Refusal)))
            {
                // What the batch gives is kept by compute from here on, sealed once.
                _host.Forget(reply.Query);
            }
            ForgetLeft();
            return answers;
        }
    }

    /// <summary>What an earlier process began and no job has asked for again by now: its places and its sealed activations.</summary>
    void ForgetLeft()
    {
        if (_left.Count > 0 && Stopwatch.GetElapsedTime(_began) > s_patience)
        {
            foreach (Bytes32 query in _left.Intersect(_host.UnderWay))
            {
                _host.Forget(query);
            }
            _left = [];
        }
    }

    static byte[] Encode(EnclaveReply reply) => reply.Refusal == EnclaveRefusal.None
        ? Encode(EnclaveJobs.Answer, reply.Result)
        : reply.Refusal == EnclaveRefusal.CannotOpen ? InferenceAnswer.Fail(InferenceFailure.WrongInput) : Encode(EnclaveJobs.Refusal, [(byte)reply.Refusal]);

    static byte[] Encode(string name, byte[] bytes) => InferenceAnswer.Result([Tensor.TryCreate(name, Datatype.UInt8, [bytes.Length], bytes)!]);
}
