namespace Funion.Models.Digits;

/// <summary>Adam. References: Kingma and Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1.</summary>
sealed class AdamState(float[][] parameters)
{
    const float Beta1 = 0.9f, Beta2 = 0.999f, Epsilon = 1e-8f;

    readonly float[][] _mean = [.. parameters.Select(parameter => new float[parameter.Length])];

    readonly float[][] _square = [.. parameters.Select(parameter => new float[parameter.Length])];

    int _step;

    /// <summary>Takes the threads' gradients of a batch, applies and clears them.</summary>
    public void Step(float[][] values, float[][][] gradients, int batch, float rate)
    {
        _step++;
        float correction1 = 1 - MathF.Pow(Beta1, _step), correction2 = 1 - MathF.Pow(Beta2, _step);
        for (int p = 0; p < values.Length; p++)
        {
            for (int i = 0; i < values[p].Length; i++)
            {
                float gradient = 0;
                foreach (float[][] thread in gradients)
                {
                    gradient += thread[p][i];
                    thread[p][i] = 0;
                }
                gradient /= batch;
                _mean[p][i] = (Beta1 * _mean[p][i]) + ((1 - Beta1) * gradient);
                _square[p][i] = (Beta2 * _square[p][i]) + ((1 - Beta2) * gradient * gradient);
                values[p][i] -= rate * (_mean[p][i] / correction1) / (MathF.Sqrt(_square[p][i] / correction2) + Epsilon);
            }
        }
    }
}
