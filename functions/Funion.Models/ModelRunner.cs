using System.Security.Cryptography;
using Funion.Inference;
using Funion.Network;
using Microsoft.ML.OnnxRuntime;

namespace Funion.Models;

/// <summary>
/// An ONNX model, loaded once and asked many times. Inputs are checked against the model's card before they come near it; whatever fails afterwards is
/// a named failure and never an exception.
/// </summary>
public sealed class ModelRunner : IDisposable
{
    readonly InferenceSession _session;

    BoundCall? _idle;

    ModelRunner(InferenceSession session, bool onGpu, string sha256, IReadOnlyList<TensorSpec> inputs, IReadOnlyList<TensorSpec> outputs)
    {
        _session = session;
        OnGpu = onGpu;
        Sha256 = sha256;
        Inputs = inputs;
        Outputs = outputs;
    }

    /// <summary>Whether it runs on a GPU.</summary>
    public bool OnGpu { get; }

    /// <summary>SHA-256 of the file, lower-case hex.</summary>
    public string Sha256 { get; }

    /// <summary>Inputs; −1 is a free dimension.</summary>
    public IReadOnlyList<TensorSpec> Inputs { get; }

    /// <summary>Outputs.</summary>
    public IReadOnlyList<TensorSpec> Outputs { get; }

    /// <summary>Whether several jobs go through in one call: every first dimension is free and no other is.</summary>
    public bool Batches => Inputs.Concat(Outputs).All(spec => spec.Shape.Count > 0 && spec.Shape[0] == -1 && !spec.Shape.Skip(1).Contains(-1));

    /// <summary>Loads a model. Throws <see cref="ModelException"/> for a file that is none, or has inputs that cannot be sent.</summary>
    /// <param name="file">The file.</param>
    /// <param name="threads">Of the processor.</param>
    /// <param name="accelerate">On the first CUDA device, if the runtime finds one; on the processor otherwise.</param>
    public static ModelRunner Load(byte[] file, int threads = 1, bool accelerate = false)
    {
        ArgumentNullException.ThrowIfNull(file);
        InferenceSession? session = null;
        try
        {
            using SessionOptions options = new()
            {
                IntraOpNumThreads = threads, InterOpNumThreads = 1, ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            bool onGpu = accelerate && TryAccelerate(options);
            session = new InferenceSession(file, options);
            return new ModelRunner(
                session, onGpu, Convert.ToHexStringLower(SHA256.HashData(file)), [.. session.InputMetadata.Select(Spec)], [.. session.OutputMetadata.Select(Spec)]);
        }
        catch (OnnxRuntimeException error)
        {
            session?.Dispose();
            throw new ModelException("The file is not an ONNX model that can be run.", error);
        }
        catch (ModelException)
        {
            session?.Dispose();
            throw;
        }
    }

    /// <summary>A runtime without CUDA, or a machine without a device, says so by an exception.</summary>
    static bool TryAccelerate(SessionOptions options)
    {
        try
        {
            options.AppendExecutionProvider_CUDA(0);
            return true;
        }
        catch (Exception error) when (error is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Runs one batch. Each input is an encoded list of tensors, unchecked; each answer is encoded, a result or a failure.</summary>
    public IReadOnlyList<byte[]> Run(IReadOnlyList<ReadOnlyMemory<byte>> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        byte[]?[] answers = new byte[inputs.Count][];
        List<(int Job, IReadOnlyList<Tensor> Tensors)> sound = [];
        for (int i = 0; i < inputs.Count; i++)
        {
            IReadOnlyList<Tensor>? tensors = TensorCodec.TryParse(inputs[i]);
            if (tensors is null || !Fits(tensors))
            {
                answers[i] = InferenceAnswer.Fail(tensors is null ? InferenceFailure.Malformed : InferenceFailure.WrongInput);
            }
            else
            {
                sound.Add((i, tensors));
            }
        }
        foreach ((int Job, IReadOnlyList<Tensor> Tensors)[] group in Groups(sound))
        {
            byte[][] results = RunTogether([.. group.Select(job => job.Tensors)]);
            for (int i = 0; i < group.Length; i++)
            {
                answers[group[i].Job] = results[i];
            }
        }
        return answers!;
    }

    /// <summary>Runs one list of tensors directly: what an answer through the network is compared with.</summary>
    /// <exception cref="ArgumentException">The tensors are not the model's inputs.</exception>
    public IReadOnlyList<Tensor> RunDirect(IReadOnlyList<Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        return Fits(tensors) ? Execute([tensors])[0] : throw new ArgumentException("These are not the model's inputs.", nameof(tensors));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Interlocked.Exchange(ref _idle, null)?.Dispose();
        _session.Dispose();
    }

    /// <summary>Jobs whose first dimension is one go together; others, and models without a batch dimension, one by one.</summary>
    IEnumerable<(int Job, IReadOnlyList<Tensor> Tensors)[]> Groups(List<(int Job, IReadOnlyList<Tensor> Tensors)> jobs)
    {
        if (Batches && jobs.Count > 0)
        {
            yield return [.. jobs];
            yield break;
        }
        foreach ((int Job, IReadOnlyList<Tensor> Tensors) job in jobs)
        {
            yield return [job];
        }
    }

    byte[][] RunTogether(IReadOnlyList<IReadOnlyList<Tensor>> jobs)
    {
        try
        {
            return [.. Execute(jobs).Select(InferenceAnswer.Result)];
        }
        catch (Exception error) when (error is OnnxRuntimeException or ModelException)
        {
            // One job's input may have broken the batch: each alone, so that only that one fails.
            return jobs.Count == 1
                ? [InferenceAnswer.Fail(InferenceFailure.ModelFailed)]
                : [.. jobs.SelectMany(job => RunTogether([job]))];
        }
    }

    IReadOnlyList<Tensor>[] Execute(IReadOnlyList<IReadOnlyList<Tensor>> jobs)
    {
        // Batches of one size follow one another; a second one at the same time, or of another size, is bound anew.
        BoundCall? call = Interlocked.Exchange(ref _idle, null);
        if (call is null || call.Jobs != jobs.Count)
        {
            call?.Dispose();
            call = new BoundCall(_session, Inputs, Outputs, jobs.Count);
        }
        try
        {
            return call.Run(jobs);
        }
        finally
        {
            Interlocked.Exchange(ref _idle, call)?.Dispose();
        }
    }

    bool Fits(IReadOnlyList<Tensor> tensors) => tensors.Count == Inputs.Count && Inputs.All(spec =>
        tensors.FirstOrDefault(tensor => tensor.Name == spec.Name) is { } tensor && tensor.Datatype.Name() == spec.Datatype
        && tensor.Shape.Count == spec.Shape.Count && tensor.Data.Length <= SizeClass.DataSize(spec)
        && tensor.Shape.Zip(spec.Shape).All(pair => pair.First > 0 && (pair.Second == -1 ? pair.First == 1 : pair.First == pair.Second)));

    static TensorSpec Spec(KeyValuePair<string, NodeMetadata> value)
    {
        Datatype? datatype = value.Value.IsTensor ? OnnxTensors.DatatypeOf(value.Value.ElementDataType) : null;
        return datatype is { } known
            ? new TensorSpec(value.Key, known.Name(), [.. value.Value.Dimensions.Select(dimension => (long)(dimension <= 0 ? -1 : dimension))])
            : throw new ModelException($"'{value.Key}' is not a tensor of a supported type.");
    }
}
