using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Funion.Inference;
using Funion.Network;
using Microsoft.ML.OnnxRuntime;

namespace Funion.Models;

/// <summary>
/// One call of a session, ready to be made again: memory for the inputs of so many jobs one behind another, for the outputs too where their shapes are known,
/// bound to the session and in one place for good, so that a batch is copied once into the runtime and once out of it. Between two calls it holds nobody's question.
/// </summary>
sealed class BoundCall : IDisposable
{
    readonly InferenceSession _session;
    readonly RunOptions _options = new();
    readonly OrtIoBinding _binding;
    readonly List<OrtValue> _values = [];
    readonly Part[] _inputs, _outputs;

    /// <summary>Binds a call. A free first dimension becomes <paramref name="jobs"/>, any other free one of an input one; an output's is what the model makes it.</summary>
    public BoundCall(InferenceSession session, IReadOnlyList<TensorSpec> inputs, IReadOnlyList<TensorSpec> outputs, int jobs)
    {
        _session = session;
        Jobs = jobs;
        _binding = session.CreateIoBinding();
        _inputs = [.. inputs.Select(spec => Allocate(spec, [.. spec.Shape.Select((dimension, i) => dimension != -1 ? dimension : i == 0 ? jobs : 1)]))];
        // The first free dimension of a single job's output need not be a batch's.
        _outputs = [.. outputs.Select(spec => Allocate(spec, [.. spec.Shape.Select((dimension, i) => dimension == -1 && i == 0 && jobs > 1 ? jobs : dimension)]))];
        foreach (Part input in _inputs)
        {
            _binding.BindInput(input.Name, Value(input));
        }
        foreach (Part output in _outputs)
        {
            if (output.Bytes is null)
            {
                _binding.BindOutputToDevice(output.Name, OrtMemoryInfo.DefaultInstance);
            }
            else
            {
                _binding.BindOutput(output.Name, Value(output));
            }
        }
    }

    /// <summary>Jobs that it takes.</summary>
    public int Jobs { get; }

    /// <summary>Runs the jobs, each with all inputs, and gives each its outputs.</summary>
    /// <exception cref="OnnxRuntimeException">The model fails on this input.</exception>
    /// <exception cref="ModelException">The model does not keep its batch dimension.</exception>
    public IReadOnlyList<Tensor>[] Run(IReadOnlyList<IReadOnlyList<Tensor>> jobs)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(jobs.Count, Jobs);
        try
        {
            foreach (Part input in _inputs)
            {
                int size = input.Bytes!.Length / Jobs;
                for (int job = 0; job < Jobs; job++)
                {
                    Find(jobs[job], input.Name).Data.Span.CopyTo(input.Bytes.AsSpan(job * size, size));
                }
            }
            _session.RunWithBinding(_options, _binding);
            _binding.SynchronizeBoundOutputs();
            Tensor[] outputs = Outputs();
            return [.. Enumerable.Range(0, Jobs).Select(job => (IReadOnlyList<Tensor>)[.. outputs.Select(output => Slice(output, job))])];
        }
        finally
        {
            Wipe();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _values.ForEach(value => value.Dispose());
        _options.Dispose();
        Wipe();
    }

    Tensor[] Outputs()
    {
        if (Array.TrueForAll(_outputs, output => output.Bytes is not null))
        {
            return [.. _outputs.Select(output => Made(output.Name, output.Datatype, output.Shape, (byte[])output.Bytes!.Clone()))];
        }
        using IDisposableReadOnlyCollection<OrtValue> values = _binding.GetOutputValues();
        return [.. _outputs.Zip(values, (output, value) =>
        {
            OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
            Datatype datatype = OnnxTensors.DatatypeOf(info.ElementDataType) ?? throw new ModelException($"The output '{output.Name}' is not a tensor of a supported type.");
            return Made(output.Name, datatype, info.Shape, value.GetTensorMutableRawData().ToArray());
        })];
    }

    Tensor Slice(Tensor output, int job)
    {
        if (Jobs == 1)
        {
            return output;
        }
        if (output.Shape.Count == 0 || output.Shape[0] != Jobs)
        {
            throw new ModelException("The model does not keep its batch dimension.");
        }
        int size = output.Data.Length / Jobs;
        return Made(output.Name, output.Datatype, [1, .. output.Shape.Skip(1)], output.Data.Slice(job * size, size));
    }

    OrtValue Value(Part part)
    {
        OrtValue value = OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, OnnxTensors.TypeOf(part.Datatype), part.Shape, Marshal.UnsafeAddrOfPinnedArrayElement(part.Bytes!, 0), part.Bytes!.Length);
        _values.Add(value);
        return value;
    }

    void Wipe()
    {
        foreach (Part part in _inputs.Concat(_outputs))
        {
            CryptographicOperations.ZeroMemory(part.Bytes);
        }
    }

    static Part Allocate(TensorSpec spec, long[] shape)
    {
        Datatype datatype = Datatypes.TryParse(spec.Datatype)!.Value;
        if (shape.Contains(-1))
        {
            return new Part(spec.Name, datatype, shape, null);
        }
        int size = checked((int)shape.Aggregate((long)datatype.Size(), (bytes, dimension) => checked(bytes * dimension)));
        return new Part(spec.Name, datatype, shape, size == 0 ? null : GC.AllocateArray<byte>(size, pinned: true));
    }

    static Tensor Find(IReadOnlyList<Tensor> tensors, string name) => tensors.First(tensor => tensor.Name == name);

    static Tensor Made(string name, Datatype datatype, ReadOnlySpan<long> shape, ReadOnlyMemory<byte> data) =>
        Tensor.TryCreate(name, datatype, shape, data) ?? throw new ModelException($"The output '{name}' has too many dimensions.");

    /// <summary>An input or output; without bytes where the runtime finds memory for it.</summary>
    readonly record struct Part(string Name, Datatype Datatype, long[] Shape, byte[]? Bytes);
}
