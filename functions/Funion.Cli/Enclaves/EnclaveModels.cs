using Funion.Inference;
using Funion.Network;
using Funion.Private.Attestation;
using Funion.Private.Enclaves;
using Funion.Private.Networks;
using Funion.Private.Protocol;

namespace Funion.Cli.Enclaves;

/// <summary>
/// The models of a local network that are asked through an enclave: a SIMULATED one, whose process this one starts. This process is owner and cloud in one here, so that the mode
/// can be tried on one machine; what is between them is what would be between two.
/// </summary>
sealed class EnclaveModels : IDisposable
{
    /// <summary>What sealed questions are sent to, beside the model's own name.</summary>
    const string Suffix = ".enclave";

    const string Question = "question", Answer = "answer";

    readonly Dictionary<string, (CloudModel Cloud, EnclaveEntry Entry, IntegerNetwork Network)> _models = new(StringComparer.Ordinal);
    readonly string _folder = Directory.CreateTempSubdirectory("funion-enclave-").FullName;
    readonly EnclaveHost _host;
    readonly Lock _turn = new();

    /// <summary>Starts the enclave and provides it with models whose weights the cloud has encrypted only.</summary>
    /// <exception cref="InvalidOperationException">The enclave refused.</exception>
    public EnclaveModels(string program, IReadOnlyDictionary<string, IntegerNetwork> networks)
    {
        _host = new EnclaveHost(() => EnclaveLink.StartInsecureSimulator(program, Path.Combine(_folder, "hardware")), new EnclaveStore(Path.Combine(_folder, "store")));
        try
        {
            _host.Start();
            using ModelOwner owner = new();
            foreach ((string name, IntegerNetwork network) in networks)
            {
                Provide(owner, name, network);
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

    /// <summary>What the document says of a model; null when it is not asked so.</summary>
    public EnclaveEntry? Entry(string name) => _models.TryGetValue(name + Suffix, out (CloudModel, EnclaveEntry Entry, IntegerNetwork) model) ? model.Entry : null;

    /// <summary>Inputs and outputs of a name that takes sealed questions.</summary>
    public (TensorSpec Input, TensorSpec Output) Specs(string name) => (
        new TensorSpec(Question, "UINT8", [DataOwner.QuestionSize(_models[name].Network)]), new TensorSpec(Answer, "UINT8", [DataOwner.ResultSize(_models[name].Network)]));

    /// <summary>SHA-256 of nothing but a name: the file is its owner's.</summary>
    public string Digest(string name) => _models[name].Cloud.Name.ToString();

    /// <summary>Runs one batch of sealed questions; answers are sealed, or failures.</summary>
    public ValueTask<IReadOnlyList<byte[]>> RunAsync(string name, IReadOnlyList<ReadOnlyMemory<byte>> inputs, CancellationToken cancellation) =>
        new(Task.Run(() => Run(_models[name].Cloud, inputs), cancellation));

    /// <inheritdoc/>
    public void Dispose()
    {
        _host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    void Provide(ModelOwner owner, string name, IntegerNetwork network)
    {
        EnclaveOffer offer = _host.Create(new EnclavePolicy(network.Modulus.Bits, owner.Key, int.MaxValue, [], []))
            ?? throw new InvalidOperationException("The enclave draws no key.");
        List<byte[]> weights = [];
        byte[] provision = owner.Seal(network, offer.Identity, offer.PublicKey, weights.Add);
        CloudModel cloud = new(offer.Model, network.WithoutWeights(), isHidden: true);
        if (_host.Provide(cloud, provision, () => weights) is var refused && refused != EnclaveRefusal.None)
        {
            throw new InvalidOperationException($"The enclave refuses the model {name}: {refused}.");
        }
        AttestationFile attestation = new(AttestationFile.Simulated, offer.Identity, offer.Evidence);
        _models[name + Suffix] = (cloud, new EnclaveEntry(name + Suffix, ArchitectureFormat.ToBytes(network), attestation.ToJson()), network);
    }

    IReadOnlyList<byte[]> Run(CloudModel model, IReadOnlyList<ReadOnlyMemory<byte>> inputs)
    {
        byte[]?[] questions = [.. inputs.Select(input => TensorCodec.TryParse(input) is [{ Name: Question, Datatype: Datatype.UInt8 } only] ? only.Data.ToArray() : null)];
        lock (_turn)
        {
            IReadOnlyList<EnclaveReply> replies = _host.Ask(model, [.. questions.OfType<byte[]>()]);
            int next = 0;
            byte[][] answers = [.. questions.Select(question => question is null ? InferenceAnswer.Fail(InferenceFailure.Malformed) : Encode(replies[next++]))];
            foreach (EnclaveReply reply in replies.Where(reply => reply.Refusal == EnclaveRefusal.None))
            {
                // What the batch gives is kept by compute from here on, sealed once.
                _host.Forget(reply.Query);
            }
            return answers;
        }
    }

    static byte[] Encode(EnclaveReply reply) => reply.Refusal != EnclaveRefusal.None
        ? InferenceAnswer.Fail(reply.Refusal == EnclaveRefusal.CannotOpen ? InferenceFailure.WrongInput : InferenceFailure.ModelFailed)
        : InferenceAnswer.Result([Tensor.TryCreate(Answer, Datatype.UInt8, [reply.Result.Length], reply.Result)!]);
}
